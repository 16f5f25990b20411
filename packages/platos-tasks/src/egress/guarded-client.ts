import { Agent, fetch, type Response } from "undici";
import type { ConnectorRules } from "./guarded-connector.ts";
import { createGuardedConnector } from "./guarded-connector.ts";
import type { Hop } from "./redirect.ts";

/** Asks servers over connections that are made to checked addresses only. */
export interface GuardedClient {
  /** One request; redirects are answered as they are. */
  ask(hop: Hop, signal: AbortSignal): Promise<Response>;
  close(): Promise<void>;
}

export function createGuardedClient(rules: ConnectorRules): GuardedClient {
  // Being an explicit dispatcher, the agent follows no proxy settings of the environment.
  const dispatcher = new Agent({ allowH2: false, connect: createGuardedConnector(rules) });
  return {
    ask: async ({ url, ...asked }, signal) => fetch(url.href, { ...asked, redirect: "manual", dispatcher, signal }),
    close: async () => {
      await dispatcher.destroy();
    },
  };
}
