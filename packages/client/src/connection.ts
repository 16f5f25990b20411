import { apiErrorOf, unreachable } from "./api-error.ts";
import { buildUrl } from "./url.ts";
import type { Query } from "./url.ts";

export interface ConnectionOptions {
  /** Where the server is, for example `http://127.0.0.1:3030`; empty in a page it serves itself. */
  readonly baseUrl: string;
  /** Without a key the browser's session cookie is sent, to the same origin only. */
  readonly apiKey?: string;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Statuses to hand back besides 2xx. */
  readonly accept?: readonly number[];
}

/** One server and one way of being known to it. */
export interface Connection {
  /** @throws PlatosApiError on any answer but 2xx, and when none comes. An abort is thrown as it is. */
  send(method: string, path: string, options?: RequestOptions): Promise<Response>;
}

export function createConnection(options: ConnectionOptions): Connection {
  const doFetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  return {
    async send(method, path, request = {}) {
      const url = buildUrl(options.baseUrl, path, request.query);
      const response = await doFetch(url, requestInit(method, request, options.apiKey)).catch((error: unknown) => {
        throw request.signal?.aborted === true ? error : unreachable(error);
      });
      if (response.ok || request.accept?.includes(response.status) === true) return response;
      throw await apiErrorOf(response);
    },
  };
}

/** The JSON body of a success. */
export async function readJson<Body>(response: Promise<Response>): Promise<Body> {
  return (await (await response).json()) as Body;
}

function requestInit(method: string, request: RequestOptions, apiKey: string | undefined): RequestInit {
  const headers: Record<string, string> = { accept: "application/json", ...request.headers };
  if (request.body !== undefined) headers["content-type"] = "application/json";
  if (request.idempotencyKey !== undefined) headers["idempotency-key"] = request.idempotencyKey;
  if (apiKey !== undefined) headers["authorization"] = `Bearer ${apiKey}`;
  return {
    method,
    headers,
    credentials: apiKey === undefined ? "same-origin" : "omit",
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
}
