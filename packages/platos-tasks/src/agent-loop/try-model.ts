import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Clock } from "../core/ports/clock.ts";
import type { ModelRequest } from "../core/ports/model.ts";
import { BadAnswer } from "./bad-answer.ts";
import { acceptAnswer, AnswerAssembly, partsOfContent, type ModelAnswer } from "./model-answer.ts";
import { toCallOptions } from "./prompt.ts";
import { untilAborted } from "./until-aborted.ts";

/** How long a call may take, in all and without a sign of life. */
export interface CallLimits {
  /** One call with all its tries. */
  readonly callMs: number;
  /** An answer that comes in one piece. */
  readonly wholeMs: number;
  /** Until a stream brings the first word: a model may think in silence, a local one may load. */
  readonly firstPieceMs: number;
  /** Between two pieces after that. */
  readonly idleMs: number;
}

export interface TryOptions {
  readonly model: LanguageModelV4;
  readonly request: ModelRequest;
  readonly stream: boolean;
  readonly clock: Clock;
  readonly limits: CallLimits;
  readonly deadlineMs: number;
  /** Each piece of visible text of a streamed answer. */
  readonly onText: (text: string) => void;
}

/**
 * One try: a whole answer or an exception. Aborts at once with the request's signal, even if the provider does not
 * listen, and gives up with a {@link BadAnswer} when a limit is passed.
 */
export async function tryModel(options: TryOptions): Promise<ModelAnswer> {
  const { request, limits } = options;
  request.signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(request.signal.reason);
  request.signal.addEventListener("abort", onAbort, { once: true });
  const watch = new Watch(options, options.stream ? limits.firstPieceMs : limits.wholeMs);
  const ended = new AbortController();
  try {
    void watch.run(ended.signal, stop);
    const work = options.stream ? answerInPieces(options, stop.signal, watch) : answerWhole(options, stop.signal);
    return await untilAborted(work, stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    // A reason of our own: without one, an error with a stack is made for nobody.
    ended.abort("ended");
    request.signal.removeEventListener("abort", onAbort);
  }
}

async function answerWhole({ model, request }: TryOptions, signal: AbortSignal): Promise<ModelAnswer> {
  const result = await model.doGenerate(toCallOptions(request, signal));
  return acceptAnswer({
    parts: partsOfContent(result.content),
    finish: { reason: result.finishReason, usage: result.usage },
    model: result.response?.modelId ?? null,
  });
}

async function answerInPieces(options: TryOptions, signal: AbortSignal, watch: Watch): Promise<ModelAnswer> {
  const { stream } = await options.model.doStream(toCallOptions(options.request, signal));
  const reader = stream.getReader();
  const assembly = new AnswerAssembly();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      signal.throwIfAborted();
      watch.sign(isContent(value) ? options.limits.idleMs : options.limits.firstPieceMs);
      const text = assembly.add(value);
      if (text !== "") options.onText(text);
    }
    return acceptAnswer(assembly.whole());
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function isContent({ type }: LanguageModelV4StreamPart): boolean {
  return ["text-delta", "reasoning-delta", "tool-input-delta", "tool-call"].includes(type);
}

/** Stops a try at its deadline or when no sign of life came for too long. */
class Watch {
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #idleMs: number;
  #quietMs: number;
  #lastSignMs: number;

  constructor({ clock, deadlineMs, limits }: TryOptions, quietMs: number) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#idleMs = limits.idleMs;
    this.#quietMs = quietMs;
    this.#lastSignMs = clock.now().getTime();
  }

  /** Notes a sign of life; at most `quietMs` may pass until the next one, or less if less was allowed before. */
  sign(quietMs: number): void {
    this.#quietMs = Math.min(this.#quietMs, quietMs);
    this.#lastSignMs = this.#clock.now().getTime();
  }

  async run(ended: AbortSignal, stop: AbortController): Promise<void> {
    while (!ended.aborted) {
      const nowMs = this.#clock.now().getTime();
      const dueMs = Math.min(this.#lastSignMs + this.#quietMs, this.#deadlineMs);
      if (nowMs >= dueMs) {
        stop.abort(
          nowMs >= this.#deadlineMs
            ? new BadAnswer("deadline", "it took too long in all")
            : new BadAnswer("slow", `nothing came for ${this.#quietMs / 1000} seconds`),
        );
        return;
      }
      try {
        // No longer than the shortest limit, which may come to hold while this sleeps.
        await this.#clock.sleep(Math.min(dueMs - nowMs, this.#idleMs), ended);
      } catch {
        return;
      }
    }
  }
}
