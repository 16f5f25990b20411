import { setTimeout as delay } from "node:timers/promises";
import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import type { StubReply } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import { type EffectSink, type SeenEffect, startEffectSink } from "../harness/outside/effect-sink.ts";
import { type ModelCall, type ModelStub, type SeenModelCall, startModelStub } from "../harness/outside/model-stub.ts";
import { sinkToolNames } from "../harness/outside/sink-tools.ts";

/**
 * What a BGO is in the middle of when it is cancelled: a call that the model thinks about, one whose answer has begun
 * and stands still, one that comes word by word, and a tool of either effect that waits for its service.
 */
export const works = ["Thinking", "HalfAnswered", "Streaming", "OnceTool", "RepeatableTool"] as const;

export type Work = (typeof works)[number];

/** Longer than a cancel may take: whoever does not leave gets an answer then, goes on, and is seen to. */
export const heldMs = 6500;

const pieceDelayMs = 100;
const words = "word ".repeat(heldMs / pieceDelayMs);

/** Something outside that was asked, and may have been left since. */
export type Asked = Pick<SeenModelCall | SeenEffect, "atMs" | "goneAtMs">;

export const tagOf = (work: Work, name: string): string => `${work} ${name}`;

export function promptOf(work: Work, name: string): string {
  return `Do it. [[${tagOf(work, name)}]]`;
}

/** Spawns one that does the work, and then thinks. */
export function parentPromptOf(work: Work, name: string): string {
  return `Have it done. [[parent ${tagOf(work, name)}]]`;
}

/** The first request of this one is told to ask again, for a stream. */
export const firstPrompt = "Wake up. [[first]]";

/** The world outside of workers that will be cancelled: a model and a service that keep them waiting. */
export class HeldOutside {
  readonly #model: ModelStub;
  readonly #sink: EffectSink;
  readonly #begun: Map<string, (asked: Asked) => void>;

  private constructor(parts: { model: ModelStub; sink: EffectSink; begun: Map<string, (asked: Asked) => void> }) {
    this.#model = parts.model;
    this.#sink = parts.sink;
    this.#begun = parts.begun;
  }

  static async start(): Promise<HeldOutside> {
    const begun = new Map<string, (asked: Asked) => void>();
    const model = await startModelStub({
      script: answerTo,
      onCall: (call) => {
        if (!isToolTag(call.tag)) begun.get(call.tag)?.(call);
      },
    });
    const sink = await startEffectSink({
      async onEffect(effect) {
        begun.get(effect.token)?.(effect);
        await delay(heldMs);
      },
    });
    return new HeldOutside({ model, sink, begun });
  }

  /** Resolves when the work that is tagged so has been asked for. */
  begins(work: Work, name: string): Promise<Asked> {
    return new Promise((resolve) => this.#begun.set(tagOf(work, name), resolve));
  }

  /** Everything that was asked in this name, at the model and at the service. */
  askedIn(work: Work, name: string): readonly Asked[] {
    const tag = tagOf(work, name);
    const calls = this.#model.calls.filter((call) => call.tag === tag || call.tag === `parent ${tag}`);
    return [...calls, ...this.#sink.effects.filter(({ token }) => token === tag || token === lateTokenOf(tag))];
  }

  get env(): Readonly<Record<string, string>> {
    return { OPENAI_COMPATIBLE_BASE_URL: this.#model.baseUrl, CHAOS_SINK_URL: this.#sink.url };
  }

  /** How many calls were answered word by word. */
  get streamedCalls(): number {
    return this.#model.calls.filter(({ isStreamed }) => isStreamed).length;
  }

  async close(): Promise<void> {
    await this.#model.close();
    await this.#sink.close();
  }
}

const lateTokenOf = (tag: string): string => `${tag} late`;

function isToolTag(tag: string): boolean {
  return tag.startsWith("OnceTool") || tag.startsWith("RepeatableTool");
}

function answerTo({ tag, turn, attempt }: ModelCall): StubReply {
  const [first = "", work = ""] = tag.split(" ");
  if (first === "first") return attempt === 0 ? { fault: "504" } : { text: "I am awake." };
  if (first !== "parent") return turn === 0 ? workAnswer(first as Work, tag) : { text: "I went on." };
  if (turn > 0) return { delayMs: heldMs, text: "I went on as well." };
  return { toolCalls: [{ name: "spawn_bgo", args: { prompt: promptOf(work as Work, tag.split(" ")[2] ?? "") } }] };
}

/** Whoever hears the answer out begins something: the call of a tool that nobody wants any more. */
function workAnswer(work: Work, tag: string): StubReply {
  const late = (name: string): { name: string; args: Json } => ({ name, args: { token: lateTokenOf(tag) } });
  switch (work) {
    case "Thinking":
      return { delayMs: heldMs, toolCalls: [late(sinkToolNames.at_most_once)] };
    case "HalfAnswered":
      return { fault: "stall", text: words };
    case "Streaming":
      return { text: words, pieceChars: 5, pieceDelayMs, toolCalls: [late(sinkToolNames.pure)] };
    case "OnceTool":
      return { toolCalls: [{ name: sinkToolNames.at_most_once, args: { token: tag } }] };
    case "RepeatableTool":
      return { toolCalls: [{ name: sinkToolNames.idempotent, args: { token: tag } }] };
  }
}
