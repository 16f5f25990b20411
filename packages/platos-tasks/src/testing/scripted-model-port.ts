import { noUsage } from "../core/budget.ts";
import type { Json } from "../core/json.ts";
import type { ModelPort, ModelRequest } from "../core/ports/model.ts";
import type { AssistantPart, ModelResponse } from "../core/transcript.ts";

export interface ScriptedModelPort extends ModelPort {
  /** Every request that was made, in order. */
  readonly requests: readonly ModelRequest[];
}

/** A model port without a provider: answers by how many answers the conversation holds already. */
export function scriptedModelPort(
  script: readonly (Partial<ModelResponse> & Pick<ModelResponse, "parts">)[],
): ScriptedModelPort {
  const requests: ModelRequest[] = [];
  return {
    requests,
    respond(request) {
      requests.push(request);
      const turn = request.transcript.filter((entry) => entry.role === "assistant").length;
      const answer = script[turn];
      if (answer === undefined) return Promise.reject(new Error(`The script has no turn ${turn}.`));
      const hasCalls = answer.parts.some((part) => part.type === "tool_call");
      const usage = { ...noUsage, inputTokens: 10, outputTokens: 5 };
      const finishReason = hasCalls ? "tool_calls" : "stop";
      return Promise.resolve({ finishReason, usage, model: "scripted", durationMs: 1, ...answer });
    },
  };
}

export function text(value: string): AssistantPart {
  return { type: "text", text: value };
}

/** A tool call; its id is the tool's name when absent. */
export function call(tool: string, args: Json, callId?: string): AssistantPart {
  return { type: "tool_call", callId: callId ?? tool, tool, args };
}
