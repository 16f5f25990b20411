import { expect, test } from "vitest";
import { drawSchedule } from "./schedule.ts";

const fiveMinutesMs = 300_000;

test("the same seed draws the same blows at the same times, another seed others", () => {
  expect(drawSchedule(7, fiveMinutesMs)).toEqual(drawSchedule(7, fiveMinutesMs));
  expect(drawSchedule(7, fiveMinutesMs)).not.toEqual(drawSchedule(8, fiveMinutesMs));
});

test("five minutes hold more than a hundred crashes of the database and three hundred kills of workers", () => {
  const schedule = drawSchedule(7, fiveMinutesMs);

  expect(schedule.filter(({ kind }) => kind === "crash_database").length).toBeGreaterThan(110);
  expect(schedule.filter((blow) => blow.kind === "kill" && blow.slot !== 0).length).toBeGreaterThan(320);
});
