import type { Log } from "../core/ports/log.ts";

export interface PeriodicOptions {
  readonly name: string;
  readonly everyMs: number;
  /** `stopping` is aborted when it should come to an end soon. */
  readonly run: (stopping: AbortSignal) => Promise<unknown>;
  readonly log: Log;
}

/**
 * Runs something at once and then again and again, never twice at the same time; an error is logged and does not end it.
 * At once, because a process that is killed sooner than after one period would never do it, nor would the next one.
 */
export class Periodic {
  readonly #options: PeriodicOptions;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(options: PeriodicOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(inMs: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#runOnce().finally(() => this.#schedule(this.#options.everyMs));
    }, inMs);
    this.#timer.unref();
  }

  async #runOnce(): Promise<void> {
    try {
      await this.#options.run(this.#stopping.signal);
    } catch (error) {
      this.#options.log.warn(`${this.#options.name} failed and will be tried again`, { error: String(error) });
    }
  }
}
