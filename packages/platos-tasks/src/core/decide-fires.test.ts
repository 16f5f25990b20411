import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { decideFires } from "./decide-fires.ts";
import type { Calendar } from "./ports/calendar.ts";
import { maxCountedMissed, type MissedPolicy } from "./schedule.ts";

const minuteMs = 60_000;
const at = (minute: number): Date => new Date(minute * minuteMs);

/** Every whole minute. */
const everyMinute: Calendar = {
  issuesOf: () => [],
  next: (_rule, after, count) =>
    Array.from({ length: count }, (_, index) => at(Math.floor(after.getTime() / minuteMs) + 1 + index)),
  latest: (_rule, until, count) =>
    Array.from({ length: count }, (_, index) => at(Math.floor(until.getTime() / minuteMs) - count + 1 + index)),
};

const schedule = (
  missed: MissedPolicy,
  decidedThrough: Date,
  changes: { delayMs?: number; maxMissed?: number } = {},
) => ({
  cron: "* * * * *",
  timeZone: "UTC",
  missed,
  maxMissed: 100,
  delayMs: 0,
  decidedThrough,
  ...changes,
});

function decide(of: ReturnType<typeof schedule>, now: Date, lookedAt: Date = now) {
  const { start, missed, decidedThrough, nextFireAt } = decideFires(everyMinute, of, { now, lookedAt });
  const minute = (date: Date | null): number | null => (date === null ? null : date.getTime() / minuteMs);
  return {
    start: start.map(minute),
    missed: missed === null ? null : [minute(missed.from), minute(missed.through), missed.count],
    through: minute(decidedThrough),
    next: minute(nextFireAt),
  };
}

test("nothing is due before its instant, and at it one is", () => {
  verifies("P20");
  const before = new Date(at(11).getTime() - 1);
  expect(decide(schedule("one", at(10)), before)).toEqual({ start: [], missed: null, through: 10, next: 11 });
  expect(decide(schedule("one", at(10)), at(11))).toEqual({ start: [11], missed: null, through: 11, next: 12 });
});

test("after an absence the policy says what is started; the rest is one record before it", () => {
  verifies("P20.c");
  const now = new Date(at(15).getTime() + 30_000);
  expect(decide(schedule("skip", at(10)), now)).toEqual({ start: [15], missed: [11, 14, 4], through: 15, next: 16 });
  expect(decide(schedule("one", at(10)), now)).toEqual({ start: [15], missed: [11, 14, 4], through: 15, next: 16 });
  expect(decide(schedule("all", at(10)), now)).toMatchObject({ start: [11, 12, 13, 14, 15], missed: null });
  const two = schedule("all", at(10), { maxMissed: 2 });
  expect(decide(two, now)).toMatchObject({ start: [14, 15], missed: [11, 13, 3] });
});

test("a long absence is counted up to a bound", () => {
  verifies("P20.c");
  const exactly = decide(schedule("one", at(0)), at(maxCountedMissed + 1));
  expect(exactly.missed).toEqual([1, maxCountedMissed, maxCountedMissed]);
  const more = decide(schedule("one", at(0)), at(maxCountedMissed + 2));
  expect(more.missed).toEqual([1, maxCountedMissed + 1, null]);
});

test("what waited its turn behind thousands of others is not missed", () => {
  verifies("P20.c");
  const lookedAt = new Date(at(11).getTime() + 1000);
  expect(decide(schedule("skip", at(10)), at(13), lookedAt)).toMatchObject({ start: [11, 12, 13], missed: null });
  expect(decide(schedule("skip", at(10)), at(13), at(13))).toMatchObject({ start: [12, 13], missed: [11, 11, 1] });
});

test("a delay moves what is due, and what is late, by as much", () => {
  verifies("P20.g");
  const delayed = schedule("skip", at(10), { delayMs: 5 * minuteMs });
  expect(decide(delayed, new Date(at(16).getTime() - 1)).start).toEqual([]);
  expect(decide(delayed, at(16))).toEqual({ start: [11], missed: null, through: 11, next: 12 });
});
