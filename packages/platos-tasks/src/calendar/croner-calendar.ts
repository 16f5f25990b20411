import { Cron } from "croner";
import type { FieldIssue } from "../core/errors.ts";
import type { Calendar } from "../core/ports/calendar.ts";
import type { CronRule } from "../core/schedule.ts";

const cronForm =
  'give five fields, minute hour day-of-month month day-of-week, such as "30 9 * * 1-5": numbers, names (JAN, MON), *, lists, ranges and steps';
const zoneForm = "give an IANA time zone, such as Europe/Berlin or UTC";

// What every cron agrees on. The library knows more (L, W, #, ?, nicknames, seconds), which others read differently.
const value = String.raw`(?:\d{1,2}|[A-Za-z]{3})`;
const term = String.raw`(?:\*(?:/\d{1,2})?|${value}(?:-${value}(?:/\d{1,2})?)?)`;
const field = `${term}(?:,${term})*`;
const fiveFields = new RegExp(`^${field}(?: ${field}){4}$`, "u");

/** The calendar on croner; its rules are written down in the port and in ADR 10. */
export const cronerCalendar: Calendar = {
  issuesOf(rule, now) {
    const issues: FieldIssue[] = [];
    if (!isTimeZone(rule.timeZone)) {
      issues.push({ path: "timeZone", message: `no time zone is named ${JSON.stringify(rule.timeZone)}; ${zoneForm}` });
    }
    const wrong = wrongWithCron(rule.cron);
    if (wrong !== null) issues.push({ path: "cron", message: `${wrong}; ${cronForm}` });
    if (issues.length === 0 && this.next(rule, now, 1).length === 0) {
      issues.push({ path: "cron", message: `no such day ever comes; ${cronForm}` });
    }
    return issues;
  },
  next: (rule, after, count) => cronOf(rule).nextRuns(count, after),
  latest: (rule, until, count) => {
    // What comes before an instant does not include the instant itself.
    const end = new Date(Math.floor(until.getTime() / 1000) * 1000 + 1000);
    return cronOf(rule).previousRuns(count, end).toReversed();
  },
};

function cronOf({ cron, timeZone }: CronRule): Cron {
  return new Cron(normalised(cron), { timezone: timeZone, mode: "5-part", fixedTimeRule: "no-wildcard" });
}

function normalised(cron: string): string {
  return cron.trim().split(/\s+/u).join(" ");
}

function wrongWithCron(cron: string): string | null {
  if (!fiveFields.test(normalised(cron))) return "this is no cron expression";
  try {
    cronOf({ cron, timeZone: "UTC" });
    return null;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).replace(/^CronPattern: /u, "");
  }
}

/** A name, not an offset: an offset knows nothing of summer time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/u.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
