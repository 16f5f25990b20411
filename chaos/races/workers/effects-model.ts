import { setTimeout as delay } from "node:timers/promises";
import type { ModelPort, ModelRequest } from "../../../packages/platos-tasks/src/core/ports/model.ts";
import type { AssistantPart, ModelResponse } from "../../../packages/platos-tasks/src/core/transcript.ts";
import { createGate, type Gate } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { sinkToolNames } from "../../harness/outside/sink-tools.ts";
import { promptOf, responseOf } from "../../harness/race/played-model.ts";

/** What the journal of one run through the script holds. */
export const effectAnswers = { model: 3, results: 5 } as const;

const thinkMs = 3;

interface Expected {
  readonly reached: Gate;
  readonly released: Gate;
  calls: number;
}

/** A model that asks for effects twice and is then done; before its second answer it waits to be released. */
export class EffectsModel implements ModelPort {
  readonly #expected = new Map<string, Expected>();

  expect(tag: string): void {
    this.#expected.set(tag, { reached: createGate(), released: createGate(), calls: 0 });
  }

  /** Resolves when somebody waits for the second answer. */
  reached(tag: string): Promise<void> {
    return this.#of(tag).reached.opened;
  }

  release(tag: string): void {
    this.#of(tag).released.open();
  }

  /** Gives how often it was asked. */
  calls(tag: string): number {
    return this.#of(tag).calls;
  }

  async respond(request: ModelRequest): Promise<ModelResponse> {
    const tag = promptOf(request);
    const expected = this.#of(tag);
    expected.calls += 1;
    const turn = request.transcript.filter(({ role }) => role === "assistant").length;
    if (turn === 1) {
      expected.reached.open();
      await expected.released.opened;
    }
    await delay(thinkMs);
    return responseOf(partsOf(tag, turn));
  }

  #of(tag: string): Expected {
    const expected = this.#expected.get(tag);
    if (expected === undefined) throw new Error(`Nobody expects "${tag}".`);
    return expected;
  }
}

function partsOf(tag: string, turn: number): readonly AssistantPart[] {
  const call = (effect: keyof typeof sinkToolNames, number: number): AssistantPart => ({
    type: "tool_call",
    callId: `call-${number}`,
    tool: sinkToolNames[effect],
    args: { token: `${tag} ${number}` },
  });
  if (turn === 0) return [call("at_most_once", 0), call("idempotent", 1), call("pure", 2)];
  if (turn === 1) return [call("idempotent", 3), call("at_most_once", 4)];
  return [{ type: "text", text: "all done" }];
}
