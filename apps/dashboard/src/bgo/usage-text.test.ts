import { expect, test } from "vitest";

import { formatCost, formatCount, formatUsage } from "./usage-text.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [1_000, "1k"],
  [1_249, "1.2k"],
  [15_600, "16k"],
  [999_600, "1M"],
  [3_400_000, "3.4M"],
])("%i reads %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [null, "–"],
  [0, "$0"],
  [0.00001, "< $0.0001"],
  [0.0312, "$0.0312"],
  [0.03, "$0.03"],
  [0.031, "$0.031"],
  [12.5, "$12.50"],
])("a cost of %s reads %s", (cost, text) => {
  expect(formatCost(cost)).toBe(text);
});

test("usage without a known price names the tokens alone, and nothing before any were used", () => {
  expect(formatUsage({ inputTokens: 1_000, outputTokens: 200, costUsd: 0.031 })).toBe("1.2k tokens · $0.031");
  expect(formatUsage({ inputTokens: 1_000, outputTokens: 200, costUsd: null })).toBe("1.2k tokens");
  expect(formatUsage({ inputTokens: 0, outputTokens: 0, costUsd: 0 })).toBe("");
});
