import type { Json, JsonObject } from "./json.ts";

export type MessageRole = "user" | "assistant" | "tool" | "system";

export type MessageKind = "chat" | "progress" | "question" | "bgo_completed" | "bgo_failed" | "bgo_cancelled";

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

export interface ReasoningPart {
  readonly type: "reasoning";
  readonly text: string;
}

/** Opens what one model call wrote: the parts up to the next `step-start` are that call's. */
export interface StepStartPart {
  readonly type: "step-start";
}

export interface FilePart {
  readonly type: "file";
  /** `/api/v1/artifacts/{id}` for files that BGOs made. */
  readonly url: string;
  readonly mediaType: string;
  readonly filename: string;
}

export interface DynamicToolPart {
  readonly type: "dynamic-tool";
  readonly toolName: string;
  readonly toolCallId: string;
  readonly state: "input-available" | "approval-requested" | "output-available" | "output-error";
  readonly input: Json;
  /** Present in state `output-available`. */
  readonly output?: Json;
  /** Present in state `output-error`. */
  readonly errorText?: string;
  /** Present in state `approval-requested`: the waitpoint that is to be completed. */
  readonly approval?: { readonly id: string };
}

export interface DataBgoPart {
  readonly type: "data-bgo";
  /** The BGO's id. */
  readonly id: string;
  readonly data: JsonObject;
}

/** Parts in the AI SDK's UI message form (`UIMessagePart` of the `ai` package). */
export type MessagePart = TextPart | ReasoningPart | StepStartPart | FilePart | DynamicToolPart | DataBgoPart;

export interface Message {
  readonly id: string;
  readonly threadId: string;
  /** 1, 2, 3 … without a gap in its thread. */
  readonly seq: number;
  readonly role: MessageRole;
  readonly kind: MessageKind;
  readonly authorAgentId: string | null;
  readonly bgoId: string | null;
  readonly turnId: string | null;
  /** Of a question: the wait it asks for; of a user's message: the wait it answered. */
  readonly waitpointId: string | null;
  /** The one message with which its BGO ended. */
  readonly terminal: boolean;
  readonly parts: readonly MessagePart[];
  readonly createdAt: string;
}

/** Answer of `POST /api/v1/threads/{id}/messages`. */
export interface MessageReceipt {
  readonly messageId: string;
  readonly turnId: string;
  /** The wait of a BGO that it answered; null when it is for the agent alone. */
  readonly answeredWaitpointId: string | null;
}

export function textOfMessage(message: Pick<Message, "parts">): string {
  return message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
