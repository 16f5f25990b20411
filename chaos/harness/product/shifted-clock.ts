import type { Clock } from "../../../packages/platos-tasks/src/core/ports/clock.ts";

/** A clock that is wrong by so much; how fast it runs stays right. */
export function shiftClock(clock: Clock, offsetMs: number): Clock {
  return {
    now: () => new Date(clock.now().getTime() + offsetMs),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
