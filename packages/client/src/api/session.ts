import { readJson } from "../connection.ts";
import type { Connection } from "../connection.ts";
import type { Session } from "../session.ts";
import { apiPath } from "../url.ts";
import type { CallOptions } from "./call-options.ts";

/** The browser's sign-in by cookie. */
export interface SessionApi {
  /** @throws PlatosApiError with status 401 when nobody is signed in. */
  get(options?: CallOptions): Promise<Session>;
  /** Signs in with a key; the answer sets the cookie. */
  create(body: { readonly apiKey: string }, options?: CallOptions): Promise<Session>;
  /** Signs out. */
  delete(options?: CallOptions): Promise<void>;
}

export function sessionApi(connection: Connection): SessionApi {
  const path = apiPath("session");
  return {
    get: ({ signal } = {}) => readJson(connection.send("GET", path, { signal })),
    create: (body, { signal } = {}) => readJson(connection.send("POST", path, { body, signal })),
    delete: async ({ signal } = {}) => {
      await connection.send("DELETE", path, { signal });
    },
  };
}
