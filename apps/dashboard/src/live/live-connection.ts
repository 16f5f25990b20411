import type { ConnectionState, PlatosApiError, PlatosClient, Topic } from "@platos-tasks/client";

import type { LiveStore } from "./live-store.ts";

export interface LiveConnectionOptions {
  readonly client: Pick<PlatosClient, "subscribe">;
  readonly store: LiveStore;
  /** Cursor of the log from before the first snapshot; null when it is not known. */
  readonly after: string | null;
  /** Snapshots may have missed something: read them again. */
  readonly onResync: () => void;
  /** The server does not let us in any more. */
  readonly onRefused: (error: PlatosApiError) => void;
}

/** What the dot in the corner says. `sinceMs`: when we last were live. */
export type LiveState =
  | { readonly name: "connecting" }
  | { readonly name: "live" }
  | { readonly name: "lost"; readonly sinceMs: number; readonly retryAtMs: number }
  | { readonly name: "refused"; readonly sinceMs: number };

/** The one event stream of this tab: all BGOs of the environment, and the thread that is open. */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #threads = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #cursor: string | null;
  #state: LiveState = { name: "connecting" };
  #abort: AbortController | null = null;
  #topics = "";
  #running = false;
  #lastContactMs = Date.now();

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
    this.#cursor = options.after;
  }

  readonly state = (): LiveState => this.#state;

  readonly subscribeState = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    this.#running = true;
    this.#refresh();
  }

  stop(): void {
    this.#running = false;
    this.#refresh();
  }

  /** Adds the thread's topic until the returned function is called. */
  watchThread(threadId: string): () => void {
    this.#threads.set(threadId, (this.#threads.get(threadId) ?? 0) + 1);
    this.#refresh();
    return () => {
      const left = (this.#threads.get(threadId) ?? 1) - 1;
      if (left === 0) this.#threads.delete(threadId);
      else this.#threads.set(threadId, left);
      this.#refresh();
    };
  }

  /** Deferred, so that leaving one thread for another, or mounting twice, makes one new connection. */
  #refresh(): void {
    queueMicrotask(() => {
      const threads: Topic[] = [...this.#threads.keys()].toSorted().map((id): Topic => `thread:${id}`);
      const topics: readonly Topic[] = this.#running ? ["bgos", ...threads] : [];
      if (topics.join() === this.#topics) return;
      this.#topics = topics.join();
      this.#abort?.abort();
      this.#abort = null;
      if (topics.length > 0) this.#connect(topics);
    });
  }

  #connect(topics: readonly Topic[]): void {
    const { client, store, onResync } = this.#options;
    const abort = new AbortController();
    this.#abort = abort;
    void client.subscribe({
      topics,
      after: this.#cursor,
      signal: abort.signal,
      onEvent: (event) => {
        if (abort.signal.aborted) return;
        this.#lastContactMs = Date.now();
        if (event.type === "resync") onResync();
        else store.apply(event);
      },
      onCursor: (cursor) => {
        if (!abort.signal.aborted) this.#cursor = cursor;
      },
      onState: (state) => {
        if (abort.signal.aborted) return;
        this.#take(state);
        // Without a cursor the stream began at the log's end, maybe after snapshots were read.
        if (state.name === "live" && this.#cursor === null) onResync();
      },
    });
  }

  #take(state: ConnectionState): void {
    if (state.name === "live") this.#lastContactMs = Date.now();
    if (state.name === "reconnecting") {
      const sinceMs = this.#state.name === "lost" ? this.#state.sinceMs : Math.max(this.#lastContactMs, 0);
      this.#setState({ name: "lost", sinceMs, retryAtMs: Date.now() + state.retryInMs });
    }
    if (state.name === "live") this.#setState({ name: "live" });
    if (state.name === "closed" && state.error !== null) {
      this.#setState({ name: "refused", sinceMs: this.#lastContactMs });
      this.#options.onRefused(state.error);
    }
  }

  #setState(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
