import { setTimeout as delay } from "node:timers/promises";
import type { ModelPort, ModelRequest } from "../../packages/platos-tasks/src/core/ports/model.ts";
import type { AssistantPart, ModelResponse } from "../../packages/platos-tasks/src/core/transcript.ts";
import { promptOf, responseOf } from "../harness/race/played-model.ts";

/** How one model goes on for ever. */
export interface Loop {
  /** Equal calls in one answer. */
  readonly callsAtOnce: number;
  readonly tokensPerCall: number;
  /** Null: its price is not known. */
  readonly costPerCall: number | null;
  readonly thinkMs: number;
  /** It spawns others like itself; each of them thinks for a third of the time. */
  readonly spawns: boolean;
}

interface Seen {
  readonly loop: Loop;
  /** When each of its calls began. */
  readonly atMs: number[];
}

export const saidEachTime = "On and on.";

/** The name of a loop stands first in the prompt. */
const loopPrompt = (name: string, depth: number): string => `${name} / ${depth}`;

/** A model that never says its last word. */
export class LoopingModel implements ModelPort {
  readonly #loops = new Map<string, Seen>();
  /** Spawns that a cap had refused, as the model was told. */
  refusals = 0;

  /** The prompt with which the loop begins. */
  begin(name: string, loop: Loop): string {
    this.#loops.set(name, { loop, atMs: [] });
    return loopPrompt(name, 1);
  }

  /** When its calls began, those of all that it spawned among them. */
  callsOf(name: string): readonly number[] {
    return this.#loops.get(name)?.atMs ?? [];
  }

  async respond(request: ModelRequest): Promise<ModelResponse> {
    const { transcript, signal } = request;
    const [name = "", depth = "1"] = promptOf(request).split(" / ");
    const seen = this.#loops.get(name);
    if (seen === undefined) throw new Error(`Nobody expects "${name}".`);
    seen.atMs.push(performance.now());
    const last = transcript.at(-1);
    const results = last?.role === "tool" ? last.results : [];
    this.refusals += results.filter(({ error }) => error?.code === "bgo.cap_reached").length;
    const { loop } = seen;
    await delay(loop.thinkMs / 3 ** (Number(depth) - 1), undefined, { signal });
    const parts = partsOf(loop, { name, depth: Number(depth), turn: transcript.length });
    return responseOf(parts, { inputTokens: loop.tokensPerCall - 1, outputTokens: 1, costUsd: loop.costPerCall });
  }
}

function partsOf(
  { callsAtOnce, spawns }: Loop,
  at: { readonly name: string; readonly depth: number; readonly turn: number },
): readonly AssistantPart[] {
  const calls = Array.from({ length: callsAtOnce }, (_none, ordinal): AssistantPart => {
    const callId = `${at.turn}-${ordinal}`;
    if (!spawns) return { type: "tool_call", callId, tool: "pure", args: {} };
    return { type: "tool_call", callId, tool: "spawn_bgo", args: { prompt: loopPrompt(at.name, at.depth + 1) } };
  });
  return [{ type: "text", text: saidEachTime }, ...calls];
}
