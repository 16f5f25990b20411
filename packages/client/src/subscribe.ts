import { apiErrorOf, PlatosApiError, unreachable } from "./api-error.ts";
import { backOffMs, defaultBackOff } from "./back-off.ts";
import type { Connection } from "./connection.ts";
import type { PlatosEvent, Topic } from "./event.ts";
import { RecentIds } from "./recent-ids.ts";
import { SseParser } from "./sse.ts";
import type { SseBlock } from "./sse.ts";

export type ConnectionState =
  | { readonly name: "connecting" }
  | { readonly name: "live" }
  | {
      readonly name: "reconnecting";
      readonly attempt: number;
      readonly retryInMs: number;
      readonly error: PlatosApiError;
    }
  /** For good: the signal was aborted (`error` null), or the server refused. */
  | { readonly name: "closed"; readonly error: PlatosApiError | null };

export interface SubscribeOptions {
  readonly topics: readonly Topic[];
  /** Cursor to go on after; without one the stream begins at the end of the log as of the answer's first byte. */
  readonly after?: string | null;
  /** Called in the log's order, each stored event once. A `resync` means: read your snapshots again. */
  readonly onEvent: (event: PlatosEvent) => void;
  readonly onState?: (state: ConnectionState) => void;
  /** The newest cursor, also when it moved without an event. */
  readonly onCursor?: (cursor: string) => void;
  readonly signal: AbortSignal;
  /** Silence after which a connection counts as dead; the server writes a comment every 15 s. */
  readonly idleTimeoutMs?: number;
  readonly timers?: SubscribeTimers;
}

/** Replaceable, so that tests own the time. */
export interface SubscribeTimers {
  /** Resolves after `ms` or when the signal is aborted, whichever comes first. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

const defaultIdleTimeoutMs = 45_000;
const rememberedIds = 1_000;

/** Follows topics until the signal is aborted or the server refuses; reconnects by itself. Resolves when it is over. */
export async function subscribe(connection: Connection, options: SubscribeOptions): Promise<void> {
  const { signal, onState } = options;
  const timers = options.timers ?? realTimers;
  const reader = new EventReader(options);
  let attempt = 0;
  onState?.({ name: "connecting" });
  while (!signal.aborted) {
    const error = await readOnce(connection, options, reader, () => {
      attempt = 0;
      onState?.({ name: "live" });
    });
    if (signal.aborted) break;
    if (isRefusal(error)) {
      onState?.({ name: "closed", error });
      return;
    }
    attempt += 1;
    const retryInMs = backOffMs({ ...defaultBackOff, baseMs: reader.retryMs }, attempt, timers.random());
    onState?.({ name: "reconnecting", attempt, retryInMs, error });
    await timers.delay(retryInMs, signal);
  }
  onState?.({ name: "closed", error: null });
}

/** One connection, from request to its end; gives back why it ended. */
async function readOnce(
  connection: Connection,
  options: SubscribeOptions,
  reader: EventReader,
  onOpen: () => void,
): Promise<PlatosApiError> {
  const watchdog = new Watchdog(options.signal, options.idleTimeoutMs ?? defaultIdleTimeoutMs);
  try {
    const response = await connection.send("GET", "/api/v1/events", {
      query: { topics: options.topics, after: reader.cursor ?? undefined },
      headers: {
        accept: "text/event-stream",
        ...(reader.cursor === null ? {} : { "last-event-id": reader.cursor }),
      },
      signal: watchdog.signal,
    });
    if (response.body === null) return await apiErrorOf(response);
    onOpen();
    await pump(response.body, reader, watchdog);
    return unreachable(new Error("The event stream ended."));
  } catch (error) {
    return error instanceof PlatosApiError ? error : unreachable(error);
  } finally {
    watchdog.stop();
  }
}

async function pump(body: ReadableStream<Uint8Array>, reader: EventReader, watchdog: Watchdog): Promise<void> {
  const parser = new SseParser();
  const decoder = new TextDecoder();
  const chunks = body.getReader();
  // Not every body reacts to its request's signal in time (and a replaced fetch may not at all).
  watchdog.signal.addEventListener("abort", () => void chunks.cancel().catch(() => undefined), { once: true });
  for (;;) {
    const { done, value } = await chunks.read();
    if (done || watchdog.signal.aborted) return;
    watchdog.touch();
    for (const block of parser.push(decoder.decode(value, { stream: true }))) reader.take(block);
  }
}

/** Turns blocks into events, keeps the cursor, drops what was seen. */
class EventReader {
  cursor: string | null;
  retryMs = defaultBackOff.baseMs;
  readonly #options: SubscribeOptions;
  readonly #seen = new RecentIds(rememberedIds);

  constructor(options: SubscribeOptions) {
    this.#options = options;
    this.cursor = options.after ?? null;
  }

  take(block: SseBlock): void {
    if (block.retryMs !== null) this.retryMs = Math.max(block.retryMs, 100);
    const event = block.data === null ? null : parseEvent(block.data);
    const repeated = event !== null && block.id !== null && !this.#seen.add(block.id);
    if (event !== null && !repeated) this.#options.onEvent(event);
    if (block.id === null || block.id === "" || repeated) return;
    // Only after the handler ran: a cursor never passes an event that was not handed over.
    this.cursor = block.id;
    this.#options.onCursor?.(block.id);
  }
}

function parseEvent(data: string): PlatosEvent | null {
  try {
    const event: unknown = JSON.parse(data);
    return typeof event === "object" && event !== null && "type" in event ? (event as PlatosEvent) : null;
  } catch {
    return null;
  }
}

/** Aborts a connection that has gone silent. */
class Watchdog {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #idleTimeoutMs: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(outer: AbortSignal, idleTimeoutMs: number) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.signal = AbortSignal.any([outer, this.#controller.signal]);
    this.#timer = this.#arm();
  }

  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #arm(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#controller.abort(), this.#idleTimeoutMs);
  }
}

/** Trying again would not help: not signed in, no such topic. */
function isRefusal(error: PlatosApiError): boolean {
  return error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429;
}

const realTimers: SubscribeTimers = {
  delay: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal.addEventListener("abort", finish);
    }),
  random: Math.random,
};
