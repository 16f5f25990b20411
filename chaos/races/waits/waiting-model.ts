import { setTimeout as delay } from "node:timers/promises";
import type { Json } from "../../../packages/platos-tasks/src/core/json.ts";
import type { ModelPort, ModelRequest } from "../../../packages/platos-tasks/src/core/ports/model.ts";
import type { ModelResponse, ToolEnd } from "../../../packages/platos-tasks/src/core/transcript.ts";
import { createGate, type Gate } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { promptOf, responseOf } from "../../harness/race/played-model.ts";

/** What the sub-agent of a prompt waits for, all of it in its first answer. */
export interface ExpectedWaits {
  /** Arguments of `wait_for_token`, by the id of the call. */
  readonly calls: Readonly<Record<string, Json>>;
  /** How long it thinks before it asks; 0 when absent. */
  readonly thinkMs?: number;
}

/** A model that waits for tokens and then says, as JSON, what came of each. */
export class WaitingModel implements ModelPort {
  readonly #expected = new Map<string, ExpectedWaits & { readonly asked: Gate }>();

  /** `asked` resolves when it begins to think. */
  expect(prompt: string, waits: ExpectedWaits): { readonly asked: Promise<void> } {
    const asked = createGate();
    this.#expected.set(prompt, { ...waits, asked });
    return { asked: asked.opened };
  }

  async respond(request: ModelRequest): Promise<ModelResponse> {
    const { transcript } = request;
    const prompt = promptOf(request);
    const expected = this.#expected.get(prompt);
    if (expected === undefined) throw new Error(`Nobody expects "${prompt}".`);
    const results = transcript.flatMap((entry) => (entry.role === "tool" ? entry.results : []));
    if (results.length > 0) {
      const told = results.map(({ callId, output, error }): [string, ToolEnd] => [
        callId,
        error === undefined ? { output: output ?? null } : { error },
      ]);
      return responseOf([{ type: "text", text: JSON.stringify(Object.fromEntries(told)) }]);
    }
    expected.asked.open();
    await delay(expected.thinkMs ?? 0);
    const calls = Object.entries(expected.calls);
    return responseOf(calls.map(([callId, args]) => ({ type: "tool_call", callId, tool: "wait_for_token", args })));
  }
}
