/** An answer of the API; `status` 0 when there was none: refused, reset or too late. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** When it says to try again; null when it does not say. */
  readonly retryAfterSeconds: number | null;
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** `PLATOS_API_KEY` of servers that are gone with their exercise. */
export const throwawayKey = "chaos-key-of-a-throwaway-server";

const timeoutMs = 20_000;
const stackTrace = /^\s+at .+:\d+:\d+\)?$|node:internal|\/src\/[\w/-]+\.ts/mu;

/** Calls the API over HTTP and watches what it must never answer. */
export class ApiCaller {
  /** Answers that are faults of the product whatever else is broken, one sentence each. */
  readonly alarms: string[] = [];
  /** How often each status came. */
  readonly statuses = new Map<number, number>();
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, apiKey: string) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  }

  async call({ method, path, body, idempotencyKey }: ApiRequest): Promise<ApiAnswer> {
    const headers = {
      ...this.#headers,
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    };
    let status = 0;
    let text = "";
    let retryAfter: string | null = null;
    try {
      const response = await fetch(`${this.#url}/api/v1${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await response.text();
      status = response.status;
      retryAfter = response.headers.get("retry-after");
    } catch {
      // An answer of which a part is missing is none.
    }
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status >= 500 && status !== 503)
      this.alarms.push(`${method} ${path} answered ${status}: ${text.slice(0, 500)}`);
    if (stackTrace.test(text)) this.alarms.push(`${method} ${path} answered with a stack trace: ${text.slice(0, 500)}`);
    return { status, body: parsed(text), retryAfterSeconds: retryAfter === null ? null : Number(retryAfter) };
  }

  /** A stream of events; the caller reads it and gives it up. */
  stream(
    path: string,
    options: { readonly lastEventId: string | null; readonly signal: AbortSignal },
  ): Promise<Response> {
    const { lastEventId, signal } = options;
    const headers = { ...this.#headers, ...(lastEventId === null ? {} : { "last-event-id": lastEventId }) };
    return fetch(`${this.#url}/api/v1${path}`, { headers, signal });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A text within an answer's body; null when there is none. */
export function textAt(body: unknown, field: string): string | null {
  if (typeof body !== "object" || body === null) return null;
  const value: unknown = Reflect.get(body, field);
  return typeof value === "string" ? value : null;
}
