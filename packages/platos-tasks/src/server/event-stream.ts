import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Log } from "../core/ports/log.ts";
import type { FeedEvent } from "./event-view.ts";

/** What every stream of server-sent events says of itself; the last one keeps proxies from holding it back. */
export const eventStreamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
} as const;

/** Silence after which a comment shows that the connection lives. */
export const pingMs = 15_000;

export const pingText = ": ping\n\n";

const authorityCheckMs = 30_000;

export interface EventStreamOptions {
  readonly chunks: AsyncGenerator<string, void, undefined>;
  /** Asked again and again; the stream ends when it says no. */
  readonly stillAllowed: () => Promise<boolean>;
  /** Aborted: the connection is broken off, also that of a reader that takes nothing more. */
  readonly dropped: AbortSignal;
  /** Called once, when the stream is over for whatever reason. */
  readonly onEnd: () => void;
  readonly headers?: Readonly<Record<string, string>>;
  readonly log: Log;
}

/**
 * A response that writes chunks as fast as its reader takes them. An error of the generator breaks the connection off,
 * so that a client can tell it from an end.
 */
export function eventStreamResponse(c: Context, options: EventStreamOptions): Response {
  const { chunks, stillAllowed, dropped, onEnd, headers, log } = options;
  const encoder = new TextEncoder();
  const check = setInterval(() => void stillAllowed().then((allowed) => allowed || end(), end), authorityCheckMs);
  check.unref();
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    clearInterval(check);
    dropped.removeEventListener("abort", drop);
    onEnd();
  };
  const drop = (): void => {
    log.debug("a stream was broken off: its reader is too slow", { path: c.req.path });
    end();
    breakOff(c);
  };
  dropped.addEventListener("abort", drop, { once: true });
  if (dropped.aborted) drop();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (value !== undefined) controller.enqueue(encoder.encode(value));
          if (done !== true) return;
          end();
          controller.close();
        } catch (error) {
          end();
          log.debug("a stream was broken off", { path: c.req.path, error: String(error) });
          if (!breakOff(c)) controller.error(error);
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { ...eventStreamHeaders, ...headers } });
}

/** Closes the connection without a word: the HTTP adapter would print the error of a stream, with its stack. */
function breakOff(c: Context): boolean {
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  outgoing?.destroy();
  return outgoing !== undefined;
}

/** One event as a block of the stream. */
export function eventBlock(event: FeedEvent): string {
  return `${event.id === null ? "" : `id: ${event.id}\n`}data: ${event.json()}\n\n`;
}

/** The same items, and a null each time `ms` have passed without one. */
export async function* withSilence<Item>(items: AsyncIterable<Item>, ms: number): AsyncGenerator<Item | null, void> {
  const iterator = items[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  try {
    for (let next = iterator.next(); ;) {
      const silence = new Promise<"silence">((resolve) => {
        timer = setTimeout(() => resolve("silence"), ms);
      });
      const result = await Promise.race([next, silence]);
      clearTimeout(timer);
      if (result === "silence") {
        yield null;
      } else if (result.done === true) {
        return;
      } else {
        yield result.value;
        next = iterator.next();
      }
    }
  } finally {
    clearTimeout(timer);
    // Not awaited: it may be in the middle of waiting, and ends with its signal.
    void iterator.return?.();
  }
}
