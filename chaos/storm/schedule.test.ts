import { expect, test } from "vitest";
import { type Crash, drawCrashes, drawSchedule } from "./schedule.ts";

const fiveMinutesMs = 300_000;

function firstCrashes(seed: number): readonly Crash[] {
  const crashes = drawCrashes(seed);
  return Array.from({ length: 50 }, () => crashes.next().value);
}

test("the same seed draws the same blows at the same times, another seed others", () => {
  expect(drawSchedule(7, fiveMinutesMs)).toEqual(drawSchedule(7, fiveMinutesMs));
  expect(drawSchedule(7, fiveMinutesMs)).not.toEqual(drawSchedule(8, fiveMinutesMs));
});

test("and the same crashes of the database", () => {
  expect(firstCrashes(7)).toEqual(firstCrashes(7));
  expect(firstCrashes(7)).not.toEqual(firstCrashes(8));
});

test("five minutes hold more than three hundred kills of workers", () => {
  const schedule = drawSchedule(7, fiveMinutesMs);

  expect(schedule.filter((blow) => blow.kind === "kill" && blow.slot !== 0).length).toBeGreaterThan(320);
});
