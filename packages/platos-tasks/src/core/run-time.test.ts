import { expect, test } from "vitest";
import { latestRunAt } from "./run-time.ts";

test("ten years ahead is the furthest, leap day or not", () => {
  expect(latestRunAt(new Date("2026-11-25T12:00:00Z"))).toEqual(new Date("2036-11-25T12:00:00Z"));
  expect(latestRunAt(new Date("2028-02-29T00:00:00Z"))).toEqual(new Date("2038-03-01T00:00:00Z"));
});
