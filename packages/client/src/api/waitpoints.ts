import { readJson } from "../connection.ts";
import type { Connection } from "../connection.ts";
import type { Json } from "../json.ts";
import type { Page } from "../page.ts";
import { apiPath } from "../url.ts";
import type { CreateTokenBody, Waitpoint, WaitpointFilters } from "../waitpoint.ts";
import type { CallOptions, PageOptions } from "./call-options.ts";

export interface ListWaitpointsOptions extends WaitpointFilters, PageOptions {}

/** What BGOs wait for, and tokens that are made for them to wait for. */
export interface WaitpointsApi {
  list(options?: ListWaitpointsOptions): Promise<Page<Waitpoint>>;
  get(waitpointId: string, options?: CallOptions): Promise<Waitpoint>;
  /** Makes a token. */
  create(body: CreateTokenBody, options?: CallOptions): Promise<Waitpoint>;
  /**
   * Answers it, once: 409 when somebody did before, 410 when it is over. The value of a reply is text or `{text}`; a
   * wait for a time needs none and ends now; an approval takes `{decision: "approve" | "deny", args?, reason?,
   * argsHash?}`.
   */
  complete(waitpointId: string, value?: Json, options?: CallOptions): Promise<Waitpoint>;
  /** Tells whoever waits that there will be no answer. */
  fail(waitpointId: string, body: { readonly reason: string }, options?: CallOptions): Promise<Waitpoint>;
}

const segment = "waitpoints";

export function waitpointsApi(connection: Connection): WaitpointsApi {
  return {
    list: ({ signal, status, kind, bgo, thread, limit, cursor } = {}) => {
      const query = { status, kind, bgo, thread, limit, cursor };
      return readJson(connection.send("GET", apiPath(segment), { query, signal }));
    },
    get: (waitpointId, { signal } = {}) => readJson(connection.send("GET", apiPath(segment, waitpointId), { signal })),
    create: (body, { signal } = {}) => readJson(connection.send("POST", apiPath(segment), { body, signal })),
    complete: (waitpointId, value, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment, waitpointId, "complete"), { body: { value }, signal })),
    fail: (waitpointId, body, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment, waitpointId, "fail"), { body, signal })),
  };
}
