import { PlatosError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";

const patienceMs = 60_000;
const pauseMs = 500;

export interface DatabasePatienceOptions {
  readonly clock: Clock;
  /** Told once, when the waiting begins. */
  readonly complain: (line: string) => void;
  /** Nobody waits any more. */
  readonly isStopping: () => boolean;
}

/**
 * A start does not fail because the database is being restarted, or starts later than we do: it is waited for, a minute
 * in all. What waiting cannot mend, such as a wrong password, fails at once.
 */
export class DatabasePatience {
  readonly #options: DatabasePatienceOptions;
  #sinceMs: number | null = null;

  constructor(options: DatabasePatienceOptions) {
    this.#options = options;
  }

  /** Runs a step that may safely run again when it failed with `store.unavailable`; fails with its last failure. */
  async run<Result>(step: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (!isAway(error) || this.#options.isStopping() || this.#waitedMs(error.message) >= patienceMs) throw error;
        await this.#options.clock.sleep(pauseMs);
      }
    }
  }

  #waitedMs(why: string): number {
    const nowMs = this.#options.clock.now().getTime();
    if (this.#sinceMs === null) {
      this.#sinceMs = nowMs;
      this.#options.complain(`${why} Waiting for it, up to ${patienceMs / 1000} seconds.`);
    }
    return nowMs - this.#sinceMs;
  }
}

function isAway(error: unknown): error is PlatosError {
  return PlatosError.is(error) && error.code === "store.unavailable" && error.retryable;
}
