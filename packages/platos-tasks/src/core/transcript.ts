import type { Usage } from "./budget.ts";
import type { FailureView } from "./errors.ts";
import type { Json, JsonObject } from "./json.ts";

/** What a provider needs back with a part to go on (a signature of its reasoning, an item id). Opaque to us. */
export type ProviderMetadata = JsonObject;

export interface TextPart {
  readonly type: "text";
  readonly text: string;
  readonly providerMetadata?: ProviderMetadata;
}

export interface ReasoningPart {
  readonly type: "reasoning";
  readonly text: string;
  readonly providerMetadata?: ProviderMetadata;
}

export interface ToolCallPart {
  readonly type: "tool_call";
  readonly callId: string;
  readonly tool: string;
  readonly args: Json;
  readonly providerMetadata?: ProviderMetadata;
}

/** What a model may answer with. */
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart;

/** How a tool call ended: with an output, or an error that the model is told. */
export interface ToolEnd {
  readonly output?: Json;
  readonly error?: FailureView;
}

/** The answer to one tool call. */
export interface ToolResult extends ToolEnd {
  readonly callId: string;
  readonly tool: string;
}

/** The conversation as a model sees it, provider-neutral. */
export type TranscriptEntry =
  | { readonly role: "user"; readonly text: string }
  | { readonly role: "assistant"; readonly parts: readonly AssistantPart[] }
  | { readonly role: "tool"; readonly results: readonly ToolResult[] };

export type FinishReason = "stop" | "tool_calls" | "length" | "content_filter" | "other";

/** One whole answer of a model. */
export interface ModelResponse {
  readonly parts: readonly AssistantPart[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  /** The model that answered, as the provider names it. */
  readonly model: string;
  readonly durationMs: number;
}

export function textOf(parts: readonly AssistantPart[]): string {
  return parts
    .filter((part) => part.type === "text")
    .map((part) => part.text)
    .join("");
}

export function toolCallsOf(parts: readonly AssistantPart[]): readonly ToolCallPart[] {
  return parts.filter((part) => part.type === "tool_call");
}
