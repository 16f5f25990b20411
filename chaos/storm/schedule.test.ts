import { expect, test } from "vitest";
import { drawCrashes, drawSchedule } from "./schedule.ts";

const fiveMinutesMs = 300_000;

test("the same seed draws the same blows at the same times, another seed others", () => {
  expect(drawSchedule(7, fiveMinutesMs)).toEqual(drawSchedule(7, fiveMinutesMs));
  expect(drawSchedule(7, fiveMinutesMs)).not.toEqual(drawSchedule(8, fiveMinutesMs));
});

test("and the same crashes of the database", () => {
  expect(drawCrashes(7).take(50).toArray()).toEqual(drawCrashes(7).take(50).toArray());
  expect(drawCrashes(7).take(50).toArray()).not.toEqual(drawCrashes(8).take(50).toArray());
});

test("five minutes hold more than three hundred kills of workers", () => {
  const schedule = drawSchedule(7, fiveMinutesMs);

  expect(schedule.filter((blow) => blow.kind === "kill" && blow.slot !== 0).length).toBeGreaterThan(320);
});
