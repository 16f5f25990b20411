import { expect, test } from "vitest";
import { addUsage, defaultMaxTurns, exhaustedLimit, withinBudget, noUsage, type Spent } from "./budget.ts";
import { maxAttempts, retryDelayMs } from "./retry.ts";

const unspent: Spent = { turns: 0, usage: noUsage, seconds: 0 };

test("nothing is exhausted at the beginning, everything is at its limit", () => {
  const budget = { maxTurns: 3, maxTokens: 100, maxCostUsd: 0.5, maxDurationSeconds: 60 };
  expect(exhaustedLimit(budget, unspent)).toBeNull();
  const usage = { inputTokens: 60, outputTokens: 39, costUsd: 0.49 };
  expect(exhaustedLimit(budget, { turns: 2, usage, seconds: 59.9 })).toBeNull();
  expect(exhaustedLimit(budget, { ...unspent, turns: 3 })).toContain("3 model calls");
  expect(exhaustedLimit(budget, { ...unspent, usage: { ...usage, outputTokens: 40 } })).toContain("100 tokens");
  expect(exhaustedLimit(budget, { ...unspent, usage: { ...noUsage, costUsd: 0.5 } })).toContain("$0.5");
  expect(exhaustedLimit(budget, { ...unspent, seconds: 60 })).toContain("60 seconds");
});

test("a loop without a limit of its own ends all the same", () => {
  expect(exhaustedLimit({}, { ...unspent, turns: defaultMaxTurns - 1 })).toBeNull();
  expect(exhaustedLimit({}, { ...unspent, turns: defaultMaxTurns })).toContain(String(defaultMaxTurns));
});

test("a cost that is not known stays unknown in sums", () => {
  const unknown = { inputTokens: 1, outputTokens: 2, costUsd: null };
  expect(addUsage({ inputTokens: 1, outputTokens: 1, costUsd: 1 }, unknown)).toEqual({
    inputTokens: 2,
    outputTokens: 3,
    costUsd: null,
  });
});

test("pauses between attempts grow, end somewhere, and respect what the provider asked for", () => {
  const delays = Array.from({ length: 20 }, (_, index) => retryDelayMs(index + 1, null, 0));
  expect(delays.slice(0, 3)).toEqual([2000, 4000, 8000]);
  expect(delays.toSorted((left, right) => left - right)).toEqual(delays);
  expect(delays.at(-1)).toBe(300_000);
  expect(retryDelayMs(1, 60_000, 0)).toBe(60_000);
  expect(retryDelayMs(4, 1, 0)).toBe(16_000);
  expect(retryDelayMs(1, 1e15, 0)).toBe(3_600_000);
  expect(retryDelayMs(1, null, 1)).toBe(3000);
  expect(maxAttempts).toBeGreaterThan(1);
});

test("a limit of money that cannot be checked counts as reached", () => {
  const spent = { turns: 1, usage: { inputTokens: 1, outputTokens: 1, costUsd: null }, seconds: 0 };
  expect(exhaustedLimit({ maxCostUsd: 5 }, spent)).toContain("price of its model is not known");
  expect(exhaustedLimit({}, spent)).toBeNull();
});

test("an agent may ask for less than its own budget, never for more", () => {
  const own = { maxCostUsd: 1, maxTurns: 10 };
  expect(withinBudget({ maxTurns: 1000, maxTokens: 50 }, own)).toEqual({ maxTurns: 10, maxTokens: 50, maxCostUsd: 1 });
  expect(withinBudget({ maxTurns: 3 }, own)).toEqual({ maxTurns: 3, maxCostUsd: 1 });
  expect(withinBudget({}, {})).toEqual({});
});
