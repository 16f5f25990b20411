import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../packages/platos-tasks/src/core/ports/clock.ts";

/**
 * A clock on which `speed` milliseconds go by in one: limits of minutes hold as they are shipped, and pass in less than
 * a second.
 */
export function fastClock(speed: number): Clock {
  const beganMs = Date.now();
  return {
    now: () => new Date(beganMs + (Date.now() - beganMs) * speed),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      try {
        await delay(ms / speed, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
