import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import type { Usage } from "../core/budget.ts";

/** USD per million tokens. */
interface Price {
  readonly input: number;
  /** Input read from the provider's cache. */
  readonly cached: number;
  /** Input written to the provider's cache, where that costs more than `input`. */
  readonly written?: number;
  readonly output: number;
  /** Beyond this much input, every token of the request costs more. */
  readonly long?: { readonly aboveTokens: number; readonly input: number; readonly output: number };
}

const openaiLong = { aboveTokens: 272_000, input: 2, output: 1.5 };
const googleLong = { aboveTokens: 200_000, input: 2, output: 1.5 };

// List prices of November 2026, as the providers publish them: developers.openai.com/api/docs/pricing,
// platform.claude.com/docs/about-claude/pricing and ai.google.dev/gemini-api/docs/pricing. An estimate for budgets and
// for showing, not a bill; a model that is missing here has no price rather than a wrong one.
const prices: Readonly<Record<string, Price>> = {
  "demo:scripted": { input: 0, cached: 0, output: 0 },

  "openai:gpt-4o": { input: 2.5, cached: 1.25, output: 10 },
  "openai:gpt-4o-mini": { input: 0.15, cached: 0.075, output: 0.6 },
  "openai:gpt-4.1": { input: 2, cached: 0.5, output: 8 },
  "openai:gpt-4.1-mini": { input: 0.4, cached: 0.1, output: 1.6 },
  "openai:gpt-4.1-nano": { input: 0.1, cached: 0.025, output: 0.4 },
  "openai:gpt-5": { input: 1.25, cached: 0.125, output: 10 },
  "openai:gpt-5-mini": { input: 0.25, cached: 0.025, output: 2 },
  "openai:gpt-5-nano": { input: 0.05, cached: 0.005, output: 0.4 },
  "openai:gpt-5-pro": { input: 15, cached: 15, output: 120 },
  "openai:gpt-5.1": { input: 1.25, cached: 0.125, output: 10 },
  "openai:gpt-5.2": { input: 1.75, cached: 0.175, output: 14 },
  "openai:gpt-5.2-pro": { input: 21, cached: 21, output: 168 },
  "openai:gpt-5.3-codex": { input: 1.75, cached: 0.175, output: 14 },
  "openai:gpt-5.4": { input: 2.5, cached: 0.25, output: 15, long: openaiLong },
  "openai:gpt-5.4-mini": { input: 0.75, cached: 0.075, output: 4.5 },
  "openai:gpt-5.4-nano": { input: 0.2, cached: 0.02, output: 1.25 },
  "openai:gpt-5.4-pro": { input: 30, cached: 30, output: 180, long: openaiLong },
  "openai:gpt-5.5": { input: 5, cached: 0.5, output: 30, long: openaiLong },
  "openai:gpt-5.6": { input: 4, cached: 0.4, written: 5, output: 20, long: openaiLong },
  "openai:gpt-5.6-sol": { input: 4, cached: 0.4, written: 5, output: 20, long: openaiLong },
  "openai:gpt-5.6-terra": { input: 2, cached: 0.2, written: 2.5, output: 12, long: openaiLong },
  "openai:gpt-5.6-luna": { input: 0.2, cached: 0.02, written: 0.25, output: 1.2, long: openaiLong },
  "openai:gpt-6-astra": { input: 10, cached: 1, written: 12.5, output: 50, long: openaiLong },
  "openai:gpt-6-sol": { input: 2, cached: 0.2, written: 2.5, output: 10, long: openaiLong },
  "openai:gpt-6-luna": { input: 0.1, cached: 0.01, written: 0.125, output: 0.5, long: openaiLong },
  "openai:gpt-6.1-sol": { input: 2, cached: 0.1, written: 2.5, output: 10, long: openaiLong },
  "openai:gpt-6.1-terra": { input: 1, cached: 0.05, written: 1.25, output: 5, long: openaiLong },

  "anthropic:claude-3-haiku": { input: 0.25, cached: 0.03, written: 0.3, output: 1.25 },
  "anthropic:claude-haiku-4-5": { input: 1, cached: 0.1, written: 1.25, output: 5 },
  "anthropic:claude-haiku-5-5": {
    input: 0.1,
    cached: 0.01,
    written: 0.125,
    output: 0.5,
    long: { aboveTokens: 100_000, input: 5, output: 5 },
  },
  "anthropic:claude-sonnet-4": { input: 3, cached: 0.3, written: 3.75, output: 15 },
  "anthropic:claude-sonnet-4-0": { input: 3, cached: 0.3, written: 3.75, output: 15 },
  "anthropic:claude-sonnet-4-5": { input: 3, cached: 0.3, written: 3.75, output: 15 },
  "anthropic:claude-sonnet-4-6": { input: 3, cached: 0.3, written: 3.75, output: 15 },
  "anthropic:claude-sonnet-5": { input: 2, cached: 0.2, written: 2.5, output: 10 },
  "anthropic:claude-sonnet-5-5": { input: 2, cached: 0.1, written: 2.5, output: 10 },
  "anthropic:claude-opus-4": { input: 15, cached: 1.5, written: 18.75, output: 75 },
  "anthropic:claude-opus-4-0": { input: 15, cached: 1.5, written: 18.75, output: 75 },
  "anthropic:claude-opus-4-1": { input: 15, cached: 1.5, written: 18.75, output: 75 },
  "anthropic:claude-opus-4-5": { input: 5, cached: 0.5, written: 6.25, output: 25 },
  "anthropic:claude-opus-4-6": { input: 5, cached: 0.5, written: 6.25, output: 25 },
  "anthropic:claude-opus-4-7": { input: 5, cached: 0.5, written: 6.25, output: 25 },
  "anthropic:claude-opus-4-8": { input: 5, cached: 0.5, written: 6.25, output: 25 },
  "anthropic:claude-opus-5": { input: 5, cached: 0.5, written: 6.25, output: 25 },
  "anthropic:claude-opus-5-5": { input: 4, cached: 0.2, written: 5, output: 20 },
  "anthropic:claude-fable-5-1": { input: 10, cached: 1, written: 12.5, output: 50 },

  "google:gemini-2.0-flash": { input: 0.1, cached: 0.025, output: 0.4 },
  "google:gemini-2.5-flash": { input: 0.3, cached: 0.03, output: 2.5 },
  "google:gemini-2.5-flash-lite": { input: 0.1, cached: 0.01, output: 0.4 },
  "google:gemini-2.5-pro": { input: 1.25, cached: 0.125, output: 10, long: googleLong },
  "google:gemini-3-pro": { input: 2, cached: 0.2, output: 12, long: googleLong },
  "google:gemini-3-flash": { input: 0.5, cached: 0.05, output: 3 },
};

// What may follow a name of the table: a date or number of the release, or a word that does not change the price.
const sameModel = /^-(?:\d{3,}|preview|latest|exp|chat|codex)/u;

/** The price of the longest name in the table that `model` is or begins with. */
function priceOf(model: string): Price | null {
  for (let name = model; name.includes(":"); name = name.slice(0, Math.max(0, name.lastIndexOf("-")))) {
    const rest = model.slice(name.length);
    if (Object.hasOwn(prices, name)) return rest === "" || sameModel.test(rest) ? (prices[name] ?? null) : null;
  }
  return null;
}

/**
 * What a call used and what that costs by list price. Input counts what came from the provider's cache, too. The cost
 * is null when the model's price is unknown or the provider did not say what was used.
 */
export function usageOf(model: string, usage: LanguageModelV4Usage): Usage {
  const { total, noCache, cacheRead = 0, cacheWrite = 0 } = usage.inputTokens;
  const inputTokens = total ?? (noCache ?? 0) + cacheRead + cacheWrite;
  const outputTokens = usage.outputTokens.total ?? (usage.outputTokens.text ?? 0) + (usage.outputTokens.reasoning ?? 0);
  const price = priceOf(model);
  const isTold = total !== undefined || noCache !== undefined;
  if (price === null || (!isTold && price.input > 0)) return { inputTokens, outputTokens, costUsd: null };
  const isLong = price.long !== undefined && inputTokens > price.long.aboveTokens;
  const fresh = Math.max(0, inputTokens - cacheRead - cacheWrite);
  const input = fresh * price.input + cacheRead * price.cached + cacheWrite * (price.written ?? price.input);
  const output = outputTokens * price.output;
  const microUsd = input * (isLong ? (price.long?.input ?? 1) : 1) + output * (isLong ? (price.long?.output ?? 1) : 1);
  return { inputTokens, outputTokens, costUsd: microUsd / 1_000_000 };
}
