import type { Log } from "../core/ports/log.ts";

export interface PeriodicOptions {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
  readonly log: Log;
}

/** Runs something again and again, never twice at once; an error is logged and does not end it. */
export class Periodic {
  readonly #options: PeriodicOptions;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #isStopped = true;

  constructor(options: PeriodicOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#runOnce().finally(() => this.#schedule());
    }, this.#options.everyMs);
    this.#timer.unref();
  }

  async #runOnce(): Promise<void> {
    try {
      await this.#options.run();
    } catch (error) {
      this.#options.log.warn(`${this.#options.name} failed and will be tried again`, { error: String(error) });
    }
  }
}
