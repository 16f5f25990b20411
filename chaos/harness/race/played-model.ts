import { noUsage } from "../../../packages/platos-tasks/src/core/budget.ts";
import type { ModelRequest } from "../../../packages/platos-tasks/src/core/ports/model.ts";
import type { AssistantPart, ModelResponse } from "../../../packages/platos-tasks/src/core/transcript.ts";

/** What a BGO was asked to do; empty when its conversation begins with something else. */
export function promptOf({ transcript: [opening] }: Pick<ModelRequest, "transcript">): string {
  return opening?.role === "user" ? opening.text : "";
}

/** What a model says; with calls among the parts it wants to go on. */
export function responseOf(parts: readonly AssistantPart[], usage: ModelResponse["usage"] = noUsage): ModelResponse {
  const finishReason = parts.some(({ type }) => type === "tool_call") ? "tool_calls" : "stop";
  return { parts, finishReason, usage, model: "played", durationMs: 1 };
}
