import { PlatosError } from "../core/errors.ts";
import { latestRunAt, maxYearsAhead } from "../core/run-time.ts";

/** Whether `runAt` is still to come. Throws `input.invalid` when that is too far away to be meant. */
export function liesAhead(runAt: Date, now: Date): boolean {
  const latest = latestRunAt(now);
  if (runAt <= latest) return runAt > now;
  throw new PlatosError(
    "input.invalid",
    `runAt may be ${maxYearsAhead} years ahead at most: ${latest.toISOString()}. Give an earlier time.`,
    { issues: [{ path: "runAt", message: `at most ${maxYearsAhead} years ahead` }] },
  );
}
