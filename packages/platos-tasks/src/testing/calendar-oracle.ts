import { Temporal } from "temporal-polyfill";
import type { CronRule } from "../core/schedule.ts";

/**
 * The instants of a cron rule, found in the plainest way: every minute on the wall is looked at, and Temporal says when
 * that was. Slow, and written without a look at the calendar that it judges.
 */
export function* oracleInstants(rule: CronRule, after: Date): Generator<Date> {
  const fields = parse(rule.cron);
  const begin = zoned(after, rule.timeZone).toPlainDateTime().subtract({ hours: 3 });
  // What a change of the clocks moves comes out of order, so instants wait until the wall is well past them.
  let waiting: number[] = [];
  for (const wall of wallTimes(fields, begin)) {
    for (const at of instantsOf(wall, fields.namesTimes, rule.timeZone)) {
      if (at > after.getTime() && !waiting.includes(at)) waiting.push(at);
    }
    waiting.sort((left, right) => left - right);
    const horizon = wall.subtract({ hours: 3 });
    while (waiting[0] !== undefined && isBefore(waiting[0], horizon, rule.timeZone)) {
      yield new Date(waiting[0]);
      waiting = waiting.slice(1);
    }
  }
}

interface Fields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
  /** Whether it names clock times, and is no rhythm. */
  readonly namesTimes: boolean;
}

const monthNames = ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function parse(cron: string): Fields {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = cron.trim().split(/\s+/u);
  return {
    minutes: valuesOf(minute, { from: 0, to: 59, names: [] }),
    hours: valuesOf(hour, { from: 0, to: 23, names: [] }),
    days: valuesOf(day, { from: 1, to: 31, names: [] }),
    months: valuesOf(month, { from: 1, to: 12, names: monthNames }),
    weekdays: new Set([...valuesOf(weekday, { from: 0, to: 7, names: dayNames })].map((value) => value % 7)),
    anyDay: day === "*",
    anyWeekday: weekday === "*",
    namesTimes: !/[*/]/u.test(minute + hour),
  };
}

interface Domain {
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
}

function valuesOf(field: string, domain: Domain): Set<number> {
  const values = new Set<number>();
  for (const term of field.split(",")) {
    const [range = "", step = "1"] = term.split("/");
    const [first = "", last = first] = range.split("-");
    const from = range === "*" ? domain.from : valueOf(first, domain);
    // A step over all weekdays counts Sunday once, as 0.
    const to = range === "*" ? (domain.to === 7 ? 6 : domain.to) : valueOf(last, domain);
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}

function valueOf(word: string, { names }: Domain): number {
  const place = names.indexOf(word.toUpperCase());
  return place === -1 ? Number(word) : place;
}

/** Every minute of the rule as the wall shows it, from `begin` on, for as long as the Gregorian calendar needs. */
function* wallTimes(fields: Fields, begin: Temporal.PlainDateTime): Generator<Temporal.PlainDateTime> {
  const hours = [...fields.hours].toSorted((left, right) => left - right);
  const minutes = [...fields.minutes].toSorted((left, right) => left - right);
  let date = begin.toPlainDate();
  for (const end = date.add({ years: 41 }); Temporal.PlainDate.compare(date, end) < 0; date = nextDate(fields, date)) {
    if (!isDay(fields, date)) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const wall = date.toPlainDateTime({ hour, minute });
        if (Temporal.PlainDateTime.compare(wall, begin) >= 0) yield wall;
      }
    }
  }
}

function nextDate(fields: Fields, date: Temporal.PlainDate): Temporal.PlainDate {
  return fields.months.has(date.month) ? date.add({ days: 1 }) : date.with({ day: 1 }).add({ months: 1 });
}

/** A day of the month or a day of the week, when both are given. */
function isDay(fields: Fields, date: Temporal.PlainDate): boolean {
  if (!fields.months.has(date.month)) return false;
  const isDayOfMonth = fields.days.has(date.day);
  const isWeekday = fields.weekdays.has(date.dayOfWeek % 7);
  if (fields.anyDay) return isWeekday;
  return fields.anyWeekday ? isDayOfMonth : isDayOfMonth || isWeekday;
}

/** When the wall showed this: never, once or twice. */
function instantsOf(wall: Temporal.PlainDateTime, namesTimes: boolean, timeZone: string): readonly number[] {
  const first = wall.toZonedDateTime(timeZone, { disambiguation: "earlier" });
  const second = wall.toZonedDateTime(timeZone, { disambiguation: "later" });
  if (first.toPlainDateTime().equals(wall)) {
    if (namesTimes || first.epochMilliseconds === second.epochMilliseconds) return [first.epochMilliseconds];
    return [first.epochMilliseconds, second.epochMilliseconds];
  }
  const afterGap = namesTimes ? first.getTimeZoneTransition("next") : null;
  const isSameDay = afterGap?.toPlainDate().equals(wall.toPlainDate()) === true;
  return afterGap !== null && isSameDay ? [afterGap.epochMilliseconds] : [];
}

function zoned(at: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

function isBefore(at: number, wall: Temporal.PlainDateTime, timeZone: string): boolean {
  return Temporal.PlainDateTime.compare(zoned(new Date(at), timeZone).toPlainDateTime(), wall) < 0;
}

/** The first change of a zone's clocks after an instant; null when there is none. */
export function nextClockChange(timeZone: string, after: Date): Date | null {
  const change = zoned(after, timeZone).getTimeZoneTransition("next");
  return change === null ? null : new Date(change.epochMilliseconds);
}
