import fc from "fast-check";
import type { Calendar } from "../core/ports/calendar.ts";
import type { CronRule } from "../core/schedule.ts";
import { nextClockChange, oracleInstants } from "./calendar-oracle.ts";

const from = Date.UTC(2000, 0, 1);
const until = Date.UTC(2060, 0, 1);
const hourMs = 3_600_000;
const compared = 5;

/** Zones whose clocks change at odd times or by odd amounts, each as often as any other zone of the machine. */
const oddZones = [
  "Africa/Casablanca",
  "America/Asuncion",
  "America/Havana",
  "America/New_York",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Antarctica/Troll",
  "Asia/Gaza",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Atlantic/Azores",
  "Australia/Lord_Howe",
  "Europe/Berlin",
  "Pacific/Apia",
  "Pacific/Chatham",
  "UTC",
];

const zones = fc.oneof(fc.constantFrom(...oddZones), fc.constantFrom(...Intl.supportedValuesOf("timeZone")));

function field(low: number, high: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: low, max: high });
  const range = fc.tuple(value, value).map((ends) => ends.toSorted((left, right) => left - right).join("-"));
  const stepped = fc.integer({ min: 1, max: Math.max(2, Math.floor((high - low) / 2)) });
  const term = fc.oneof(
    { weight: 4, arbitrary: value.map(String) },
    { weight: 1, arbitrary: range },
    { weight: 1, arbitrary: fc.tuple(range, stepped).map((parts) => parts.join("/")) },
    { weight: 1, arbitrary: stepped.map((step) => `*/${step}`) },
  );
  return fc.oneof(
    { weight: 3, arbitrary: term },
    { weight: 1, arbitrary: fc.array(term, { minLength: 2, maxLength: 3 }).map((terms) => terms.join(",")) },
  );
}

const often = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant("*") }, { weight: 2, arbitrary });

const minutes = fc.oneof(field(0, 59), fc.constantFrom("*", "0", "30", "*/15"));
// The hours at which clocks are changed.
const hours = fc.oneof(field(0, 23), field(0, 3), fc.constantFrom("*", "0", "1", "2", "3", "23"));
const months = often(fc.oneof(field(1, 12), fc.constantFrom("JAN", "feb", "MAR-OCT", "Feb-feb")));
const weekdays = often(fc.oneof(field(0, 6), fc.constantFrom("MON-FRI", "sun", "7", "5-7", "Sat")));

const crons = fc.tuple(minutes, hours, often(field(1, 31)), months, weekdays).map((fields) => fields.join(" "));

const rules = fc.record({ cron: crons, timeZone: zones });

/** Near a change of the zone's clocks, or anywhere. */
const starts = fc.record({
  at: fc.integer({ min: from, max: until }),
  nearChange: fc.option(fc.integer({ min: -36, max: 12 })),
  offsetMs: fc.oneof(fc.constant(0), fc.integer({ min: -60_000, max: 60_000 })),
});

function startOf({ timeZone }: CronRule, start: { at: number; nearChange: number | null; offsetMs: number }): Date {
  const change = start.nearChange === null ? null : nextClockChange(timeZone, new Date(start.at));
  if (change === null || start.nearChange === null) return new Date(start.at);
  return new Date(change.getTime() + start.nearChange * hourMs + start.offsetMs);
}

/** What the oracle expects next; fewer than asked for only when the rule hardly ever comes. */
function expected(rule: CronRule, after: Date): readonly string[] {
  const found: string[] = [];
  for (const at of oracleInstants(rule, after)) {
    found.push(at.toISOString());
    if (found.length === compared) break;
  }
  return found;
}

/** Holds a calendar to the oracle over zones, rules and instants. Throws at the first difference, shrunk. */
export function checkCalendar(calendar: Calendar, options: { readonly cases: number; readonly seed?: number }): void {
  const property = fc.property(rules, starts, (rule, start) => {
    const after = startOf(rule, start);
    const right = expected(rule, after);
    const next = calendar.next(rule, after, compared).map((at) => at.toISOString());
    sameInstants(next.slice(0, right.length), right, "next");
    const last = right.at(-1);
    if (last === undefined) return;
    const latest = calendar.latest(rule, new Date(last), right.length).map((at) => at.toISOString());
    sameInstants(latest, right, "latest");
  });
  fc.assert(property, { numRuns: options.cases, ...(options.seed === undefined ? {} : { seed: options.seed }) });
}

function sameInstants(left: readonly string[], right: readonly string[], what: string): void {
  if (left.join() === right.join()) return;
  throw new Error(`${what} gives\n  ${left.join("\n  ")}\nand the oracle\n  ${right.join("\n  ")}`);
}
