import { hasPage, hasWebhook, type Waitpoint } from "../core/waitpoint.ts";
import type { OperationContext } from "../operations/context.ts";

/** Where a waitpoint can be answered from outside; null: not there. */
export interface WaitUrls {
  readonly publicUrl: string | null;
  readonly webhookUrl: string | null;
}

export interface WaitLinks {
  of(waitpoint: Waitpoint): WaitUrls;
}

const none: WaitUrls = { publicUrl: null, webhookUrl: null };

/** The links of waitpoints, as long as they are open. Their tokens are derived anew each time. */
export function createWaitLinks(of: {
  readonly operations: Pick<OperationContext, "links" | "identity">;
  /** Where people reach this server; it may be known only once it listens. */
  readonly serverUrl: () => string;
}): WaitLinks {
  const { links, identity } = of.operations;
  return {
    of(waitpoint) {
      if (waitpoint.status !== "open" || waitpoint.tokenHash === null) return none;
      const token = links.tokenOf(waitpoint.id);
      // Made by a process with another secret: a link from here would lead nowhere.
      if (identity.sha256(token) !== waitpoint.tokenHash) return none;
      const url = of.serverUrl();
      return {
        publicUrl: hasPage(waitpoint) ? `${url}/w/${token}` : null,
        webhookUrl: hasWebhook(waitpoint) ? `${url}/hooks/${token}` : null,
      };
    },
  };
}
