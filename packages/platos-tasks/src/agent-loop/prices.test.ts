import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { usageOf } from "./prices.ts";

function used(total: number | undefined, output: number, cacheRead = 0, cacheWrite = 0): LanguageModelV4Usage {
  const noCache = total === undefined ? undefined : total - cacheRead - cacheWrite;
  return {
    inputTokens: { total, noCache, cacheRead, cacheWrite },
    outputTokens: { total: output, text: output, reasoning: 0 },
  };
}

test.each([
  ["openai:gpt-5-mini", used(1_000_000, 0), 0.25],
  ["openai:gpt-5-mini-2025-08-07", used(0, 1_000_000), 2],
  ["openai:gpt-5", used(1_000_000, 0, 400_000), 0.6 * 1.25 + 0.4 * 0.125],
  ["anthropic:claude-haiku-4-5-20251001", used(300_000, 0, 100_000, 100_000), 0.1 * (1 + 0.1 + 1.25)],
  ["google:gemini-3-flash-preview", used(1_000_000, 0), 0.5],
  ["openai:gpt-6-sol", used(300_000, 100_000), 0.3 * 2 * 2 + 0.1 * 10 * 1.5],
  ["demo:scripted", used(5_000, 5_000), 0],
])("%s has its list price", (model, usage, expected) => {
  expect(usageOf(model, usage).costUsd).toBeCloseTo(expected, 9);
});

test.each([
  "openai:gpt-5-ultra",
  "openai:gpt-5.9",
  "anthropic:claude-opus-4-9",
  "openai-compatible:llama3",
  "mistral:large",
])("%s has no price rather than that of another model", (model) => {
  expect(usageOf(model, used(10, 10))).toEqual({ inputTokens: 10, outputTokens: 10, costUsd: null });
});

test("a provider that does not say what was used leaves the cost unknown", () => {
  expect(usageOf("openai:gpt-5", used(undefined, 10))).toEqual({ inputTokens: 0, outputTokens: 10, costUsd: null });
});
