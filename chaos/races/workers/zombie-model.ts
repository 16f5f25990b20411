import type { ModelPort, ModelRequest } from "../../../packages/platos-tasks/src/core/ports/model.ts";
import type { AssistantPart, ModelResponse } from "../../../packages/platos-tasks/src/core/transcript.ts";
import { createGate, type Gate } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { promptOf, responseOf } from "../../harness/race/played-model.ts";

/** What the superseded worker tries when it comes back: to record a step, or to deliver a result. */
export type ZombieWish = "record" | "finish";

/** One BGO that two workers will be at. */
export interface HeldBgo {
  /** Resolves when its first worker waits for its second answer. */
  readonly zombieIsHeld: Promise<void>;
  /** Resolves when the worker that took over waits for the same one. */
  readonly heirIsHeld: Promise<void>;
  readonly releaseZombie: () => void;
  readonly releaseHeir: () => void;
}

interface Expected {
  readonly wish: ZombieWish;
  readonly arrived: readonly [Gate, Gate];
  readonly released: readonly [Gate, Gate];
  secondCalls: number;
}

/** A model that makes everybody wait for their second answer, and knows the heir by coming later. */
export class ZombieModel implements ModelPort {
  readonly #expected = new Map<string, Expected>();

  /** For the BGO whose prompt has the mark in it. */
  expect(mark: string, wish: ZombieWish): HeldBgo {
    const expected: Expected = {
      wish,
      arrived: [createGate(), createGate()],
      released: [createGate(), createGate()],
      secondCalls: 0,
    };
    this.#expected.set(mark, expected);
    return {
      zombieIsHeld: expected.arrived[0].opened,
      heirIsHeld: expected.arrived[1].opened,
      releaseZombie: () => expected.released[0].open(),
      releaseHeir: () => expected.released[1].open(),
    };
  }

  async respond(request: ModelRequest): Promise<ModelResponse> {
    const prompt = promptOf(request);
    const expected = this.#expected.get(prompt);
    if (expected === undefined) throw new Error(`Nobody expects "${prompt}".`);
    const answers = request.transcript.filter(({ role }) => role === "assistant").length;
    if (answers === 0) return responseOf([progress("begun")]);
    if (answers > 1) return responseOf([{ type: "text", text: "the heir's" }]);
    const isZombie = expected.secondCalls === 0;
    expected.secondCalls += 1;
    const place = isZombie ? 0 : 1;
    expected.arrived[place].open();
    await expected.released[place].opened;
    if (!isZombie) return responseOf([progress("half way")]);
    return responseOf(expected.wish === "record" ? [progress("back")] : [{ type: "text", text: "the zombie's" }]);
  }
}

function progress(message: string): AssistantPart {
  return { type: "tool_call", callId: message, tool: "report_progress", args: { message } };
}
