import { describe, expect, test } from "vitest";

import { formatAge, formatDuration, formatElapsed } from "./format-duration.ts";
import { formatMoment, formatRelative } from "./format-instant.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe("durations", () => {
  test.each([
    [0, "0 s"],
    [-5, "0 s"],
    [340, "340 ms"],
    [1_830, "1.8 s"],
    [4 * second, "4 s"],
    [42 * second + 900, "42 s"],
    [59 * second, "59 s"],
    [4 * minute + 12 * second, "4 m 12 s"],
    [5 * minute, "5 m"],
    [3 * hour + 5 * minute + 59 * second, "3 h 5 m"],
    [2 * day + 4 * hour, "2 d 4 h"],
  ])("%i ms reads %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("a running clock never shows parts of a second", () => {
    expect(formatElapsed(999)).toBe("0 s");
    expect(formatElapsed(1_999)).toBe("1 s");
  });

  test("an age has one unit", () => {
    expect(formatAge(4 * minute + 12 * second)).toBe("4 m");
  });
});

describe("instants", () => {
  const now = Date.UTC(2026, 5, 15, 12);

  test.each([
    [0, "now"],
    [-59 * second, "now"],
    [20 * second, "now"],
    [45 * second, "in < 1m"],
    [-5 * minute - 30 * second, "5m ago"],
    [3 * hour, "in 3h"],
    [-2 * day, "2d ago"],
    [-40 * day, "May 6"],
    [-400 * day, "May 11, 2025"],
  ])("%i ms from now reads %s", (distance, text) => {
    expect(formatRelative(now + distance, now, "en-US")).toBe(text);
  });

  test("a moment names its zone", () => {
    expect(formatMoment(now, "Europe/Berlin", "en-GB")).toBe("15 Jun 2026, 14:00 CEST");
    expect(formatMoment(now, "UTC", "en-GB")).toBe("15 Jun 2026, 12:00 UTC");
  });
});
