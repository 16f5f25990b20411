import type { Json, JsonObject } from "./json.ts";

export type MessageRole = "user" | "assistant" | "tool" | "system";

export type MessageKind = "chat" | "progress" | "question" | "bgo_completed" | "bgo_failed" | "bgo_cancelled";

/**
 * Parts of a message in the AI SDK's UI message form, so that a stock chat client draws them. A tool call is a
 * `dynamic-tool` part whose `state` tells how far it came. Source: `UIMessagePart` of the `ai` package.
 */
export type MessagePart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  | { readonly type: "step-start" }
  | { readonly type: "file"; readonly url: string; readonly mediaType: string; readonly filename: string }
  | {
      readonly type: "dynamic-tool";
      readonly toolName: string;
      readonly toolCallId: string;
      readonly state: "input-available" | "approval-requested" | "output-available" | "output-error";
      readonly input: Json;
      readonly output?: Json;
      readonly errorText?: string;
      /** The waitpoint of the approval that is asked for. */
      readonly approval?: { readonly id: string };
    }
  | { readonly type: "data-bgo"; readonly id: string; readonly data: JsonObject };

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
  readonly createdAt: Date;
}

export function textOfMessage(message: Pick<Message, "parts">): string {
  return message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
