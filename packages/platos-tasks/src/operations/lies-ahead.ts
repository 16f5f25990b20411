import { PlatosError } from "../core/errors.ts";
import { latestRunAt, maxYearsAhead } from "../core/run-time.ts";

/** Whether a time is still to come. Throws `input.invalid` for the field when it is too far away to be meant. */
export function liesAhead(at: Date, { now, field }: { readonly now: Date; readonly field: string }): boolean {
  const latest = latestRunAt(now);
  if (at <= latest) return at > now;
  throw new PlatosError(
    "input.invalid",
    `${field} may be ${maxYearsAhead} years ahead at most: ${latest.toISOString()}. Give an earlier time.`,
    { issues: [{ path: field, message: `at most ${maxYearsAhead} years ahead` }] },
  );
}
