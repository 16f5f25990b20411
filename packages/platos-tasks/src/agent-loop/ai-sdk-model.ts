import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { ModelPort, ModelRequest } from "../core/ports/model.ts";
import type { ModelResponse } from "../core/transcript.ts";
import type { ModelAnswer } from "./model-answer.ts";
import { failureError, readFailure, type ModelFailure } from "./model-failure.ts";
import { usageOf } from "./prices.ts";
import { splitModelName, type Providers } from "./providers.ts";
import { RetryBudget } from "./retry-budget.ts";
import { untilAborted } from "./until-aborted.ts";
import { tryModel, type CallLimits } from "./try-model.ts";

export interface RetryPolicy {
  readonly maxTries: number;
  /** The first wait is at most this long, each next one twice as much. */
  readonly firstWaitMs: number;
  /** All waits of one call together. */
  readonly maxWaitMs: number;
}

export interface AiSdkModelOptions {
  readonly providers: Providers;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry?: Partial<RetryPolicy>;
  readonly limits?: Partial<CallLimits>;
  /** 0 ≤ x < 1; for tests. */
  readonly random?: () => number;
}

const defaultRetry: RetryPolicy = { maxTries: 3, firstWaitMs: 500, maxWaitMs: 30_000 };

const minutes = 60_000;

const defaultLimits: CallLimits = {
  callMs: 10 * minutes,
  wholeMs: 3 * minutes,
  firstPieceMs: 5 * minutes,
  idleMs: minutes,
};

/**
 * Model calls through the AI SDK's language model interface. An answer that somebody watches is streamed; one that
 * nobody watches comes in one piece, which costs a fraction of the CPU, until a model proves too slow for that.
 */
export function createAiSdkModel(options: AiSdkModelOptions): ModelPort {
  const settings: Settings = {
    ...options,
    retry: { ...defaultRetry, ...options.retry },
    limits: { ...defaultLimits, ...options.limits },
    random: options.random ?? Math.random,
    slowModels: new Set(),
    budgets: new Map(),
  };
  return { respond: async (request) => await new ModelCall(request, settings).respond() };
}

interface Settings extends Required<AiSdkModelOptions> {
  readonly retry: RetryPolicy;
  readonly limits: CallLimits;
  /** Models whose whole answers took too long; they are streamed. */
  readonly slowModels: Set<string>;
  readonly budgets: Map<string, RetryBudget>;
}

class ModelCall {
  readonly #request: ModelRequest;
  readonly #settings: Settings;
  readonly #model: LanguageModelV4;
  readonly #budget: RetryBudget;
  readonly #startMs: number;
  #tries = 0;
  #waitedMs = 0;
  #shown = false;

  constructor(request: ModelRequest, settings: Settings) {
    this.#request = request;
    this.#settings = settings;
    this.#model = settings.providers.languageModel(request.model);
    const [provider] = splitModelName(request.model);
    this.#budget = settings.budgets.get(provider) ?? new RetryBudget();
    settings.budgets.set(provider, this.#budget);
    this.#startMs = settings.clock.now().getTime();
  }

  async respond(): Promise<ModelResponse> {
    this.#budget.earn();
    for (;;) {
      this.#tries += 1;
      try {
        return this.#responseOf(await this.#try());
      } catch (error) {
        this.#request.signal.throwIfAborted();
        await this.#waitOrThrow(error);
      }
    }
  }

  #try(): Promise<ModelAnswer> {
    const { clock, limits, slowModels } = this.#settings;
    const { model: name, onText } = this.#request;
    return tryModel({
      model: this.#model,
      request: this.#request,
      stream: onText !== undefined || slowModels.has(name),
      clock,
      limits,
      deadlineMs: this.#startMs + limits.callMs,
      onText: (text) => {
        this.#shown = true;
        onText?.({ text, restart: false });
      },
    });
  }

  #responseOf(answer: ModelAnswer): ModelResponse {
    const { model } = this.#request;
    return {
      parts: answer.parts,
      finishReason: answer.finishReason,
      usage: usageOf(model, answer.usage),
      model: answer.model ?? splitModelName(model)[1],
      durationMs: this.#settings.clock.now().getTime() - this.#startMs,
    };
  }

  async #waitOrThrow(error: unknown): Promise<void> {
    const { clock, providers, log, slowModels } = this.#settings;
    const { model, signal } = this.#request;
    if (this.#shown) this.#request.onText?.({ text: "", restart: true });
    this.#shown = false;
    const failure = readFailure(error, { model, secrets: providers.secrets, nowMs: clock.now().getTime() });
    if (failure.tooSlow) slowModels.add(model);
    const waitMs = this.#nextWaitMs(failure);
    const fields = { model, try: this.#tries, status: failure.status, failure: failure.what };
    if (waitMs === null) {
      log.warn("a model call failed", fields);
      throw failureError(model, failure, this.#tries);
    }
    log.info("a model call failed and is tried again", { ...fields, waitMs });
    this.#waitedMs += waitMs;
    await clock.sleep(waitMs, signal);
    await untilAborted(this.#request.beforeRetry?.() ?? Promise.resolve(), signal);
  }

  /** How long to wait for the next try, or null when there is none. */
  #nextWaitMs(failure: ModelFailure): number | null {
    const { retry, limits, random, clock } = this.#settings;
    if (this.#tries >= Math.min(retry.maxTries, failure.maxTries)) return null;
    // Full jitter: anywhere between nothing and the whole wait.
    const backOffMs = Math.round(random() * retry.firstWaitMs * 2 ** (this.#tries - 1));
    const waitMs = Math.max(backOffMs, failure.retryAfterMs ?? 0);
    const elapsedMs = clock.now().getTime() - this.#startMs;
    if (this.#waitedMs + waitMs > retry.maxWaitMs || elapsedMs + waitMs >= limits.callMs) return null;
    return this.#budget.spend() ? waitMs : null;
  }
}
