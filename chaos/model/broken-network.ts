import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { Agent, fetch as undiciFetch, type RequestInit } from "undici";

/** What may go wrong before a provider hears of a request. */
export const networkFaults = ["name_unknown", "refused", "connect_timeout"] as const;

export type NetworkFault = (typeof networkFaults)[number];

const connectTimeoutMs = 100;

/** A way out that is broken for some requests. */
export interface BrokenNetwork {
  readonly fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/** `faultOf` decides by a request's body; null lets it through. */
export async function openBrokenNetwork(faultOf: (body: string) => NetworkFault | null): Promise<BrokenNetwork> {
  const closedPort = await portNobodyListensAt();
  const agents = {
    sound: new Agent(),
    name_unknown: new Agent({ connect: { lookup: (name, _options, done) => done(unknownName(name), "", 4) } }),
    // A name that is never found out: connecting takes until its time is up.
    connect_timeout: new Agent({ connect: { timeout: connectTimeoutMs, lookup: () => undefined } }),
  };
  const go = async (url: string, init: RequestInit): Promise<unknown> => {
    const fault = faultOf(typeof init.body === "string" ? init.body : "");
    if (fault === null) return undiciFetch(url, { ...init, dispatcher: agents.sound });
    if (fault === "refused")
      return undiciFetch(`http://127.0.0.1:${closedPort}/`, { ...init, dispatcher: agents.sound });
    return undiciFetch("http://provider.invalid/", { ...init, dispatcher: agents[fault] });
  };
  return {
    // The two fetches agree in all that is used here, and not in their types.
    fetch: ((url: unknown, init: unknown) => go(String(url), init as RequestInit)) as typeof globalThis.fetch,
    async close() {
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()));
    },
  };
}

function unknownName(hostname: string): NodeJS.ErrnoException {
  const syscall = "getaddrinfo";
  return Object.assign(new Error(`${syscall} ENOTFOUND ${hostname}`), { code: "ENOTFOUND", syscall, hostname });
}

async function portNobodyListensAt(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
