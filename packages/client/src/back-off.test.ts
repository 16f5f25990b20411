import { expect, test } from "vitest";

import { backOffMs } from "./back-off.ts";

const backOff = { baseMs: 1_000, maxMs: 30_000 };

test("delays double up to the greatest", () => {
  const delays = [1, 2, 3, 6, 500].map((attempt) => backOffMs(backOff, attempt, 1));
  expect(delays).toEqual([1_000, 2_000, 4_000, 30_000, 30_000]);
});

test("half of a delay is left to chance", () => {
  expect(backOffMs(backOff, 1, 0)).toBe(500);
  expect(backOffMs(backOff, 1, 0.5)).toBe(750);
});
