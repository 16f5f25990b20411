import type { Usage } from "./budget.ts";
import type { Failure } from "./failure.ts";
import type { Json } from "./json.ts";

export interface ModelTextPart {
  readonly type: "text" | "reasoning";
  readonly text: string;
}

export interface ModelToolCallPart {
  readonly type: "tool_call";
  readonly callId: string;
  readonly tool: string;
  readonly args: Json;
}

export type ModelPart = ModelTextPart | ModelToolCallPart;

export type FinishReason = "stop" | "tool_calls" | "length" | "content_filter" | "other";

interface StepPlace {
  /** 0, 1, 2 … without a gap. */
  readonly stepNo: number;
  /** The claim under which it was written; it rises when another worker takes over. */
  readonly epoch: number;
  readonly createdAt: string;
}

/** One whole answer of a model. */
export interface ModelStep extends StepPlace {
  readonly kind: "model";
  readonly parts: readonly ModelPart[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  /** The model that answered, as the provider names it. */
  readonly model: string;
  readonly durationMs: number;
}

/** An at-most-once call is about to run. */
export interface ToolIntentStep extends StepPlace {
  readonly kind: "tool_intent";
  readonly callId: string;
  readonly tool: string;
}

export interface ToolResultStep extends StepPlace {
  readonly kind: "tool_result";
  readonly callId: string;
  readonly tool: string;
  readonly output: Json;
  /** Set when the call failed; then `output` is null. */
  readonly error: Failure | null;
}

/** One entry of a BGO's journal, oldest first. */
export type Step = ModelStep | ToolIntentStep | ToolResultStep;
