import { setTimeout as delay } from "node:timers/promises";
import { isStoreFailure } from "../core/errors.ts";

const patienceMs = 60_000;
const pauseMs = 500;

export interface WaitForDatabaseOptions {
  /** Told when the waiting begins. */
  readonly complain: (line: string) => void;
  /** Nobody waits any more. */
  readonly isStopping: () => boolean;
  /** How time passes; the process' own way when absent. */
  readonly time?: { readonly nowMs: () => number; readonly pause: (ms: number) => Promise<unknown> };
}

const processTime = { nowMs: () => performance.now(), pause: (ms: number) => delay(ms) };

/**
 * Runs a step of a start, again and again while it fails because the database is away: restarting, or starting later than
 * we do. A minute at most, then it fails as the step did. What waiting cannot mend, such as a wrong password, fails at
 * once. The step must be one that may run again, also if its commit was not acknowledged.
 */
export async function waitForDatabase<Result>(
  step: () => Promise<Result>,
  { complain, isStopping, time = processTime }: WaitForDatabaseOptions,
): Promise<Result> {
  let untilMs: number | null = null;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!isStoreFailure(error) || !error.retryable || isStopping()) throw error;
      if (untilMs === null) {
        untilMs = time.nowMs() + patienceMs;
        complain(`${error.message} Waiting for it, up to ${patienceMs / 1000} seconds.`);
      }
      if (time.nowMs() >= untilMs) throw error;
      await time.pause(pauseMs);
      if (isStopping()) throw error;
    }
  }
}
