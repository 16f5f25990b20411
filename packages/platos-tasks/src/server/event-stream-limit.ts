import type { Problem } from "@platos-tasks/client";

/** Counts the open streams of one kind, and says when there are enough of them. */
export class EventStreamLimit {
  readonly #max: number;
  #open = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Gives what must be called when the stream has ended; null when there is no room. */
  open(): (() => void) | null {
    if (this.#open >= this.#max) return null;
    this.#open += 1;
    let isOpen = true;
    return () => {
      if (isOpen) this.#open -= 1;
      isOpen = false;
    };
  }
}

/** The answer when there is no room: another process, or this one in a moment, will have some. */
export function noRoomResponse(request: { readonly path: string; readonly traceId: string | null }): Response {
  const problem: Problem = {
    type: "about:blank",
    title: "Too many open streams",
    status: 503,
    detail: "This server has as many open streams as it takes. Try again in a few seconds.",
    instance: request.path,
    code: "limit.exceeded",
    errors: [],
    traceId: request.traceId,
  };
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store", "retry-after": "5" };
  return new Response(JSON.stringify(problem), { status: 503, headers });
}
