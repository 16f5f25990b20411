import type { FieldIssue } from "../errors.ts";
import type { CronRule } from "../schedule.ts";

/**
 * Arithmetic on wall-clock times. A rule that names its minutes and hours (no `*`, no `/` in either) means clock times:
 * one that a change of the clocks leaves out comes at the first valid instant after the gap, if that is still the same
 * day, and one that occurs twice comes the first time. Any other rule means a rhythm: it goes on through a change, so
 * times that are left out do not come and times that occur twice come twice.
 */
export interface Calendar {
  /** What is wrong with a rule, by field; empty for a good one that comes again after `now`. */
  issuesOf(rule: CronRule, now: Date): readonly FieldIssue[];
  /** The next instants after `after`, oldest first. */
  next(rule: CronRule, after: Date, count: number): readonly Date[];
  /** The last instants at or before `until`, oldest first. */
  latest(rule: CronRule, until: Date, count: number): readonly Date[];
}
