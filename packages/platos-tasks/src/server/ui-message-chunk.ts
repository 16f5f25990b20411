import type { Json, JsonObject } from "../core/json.ts";

/**
 * The chunks we send of the AI SDK's UI message stream, protocol `v1`. `reset-step` takes back what the open step has
 * shown; clients before version 7 of the `ai` package do not know it. Source: `UIMessageChunk` of that package.
 */
export type UiMessageChunk =
  | { readonly type: "start"; readonly messageId: string; readonly messageMetadata: JsonObject }
  | { readonly type: "start-step" }
  | { readonly type: "reset-step" }
  | { readonly type: "finish-step" }
  | { readonly type: "text-start"; readonly id: string }
  | { readonly type: "text-delta"; readonly id: string; readonly delta: string }
  | { readonly type: "text-end"; readonly id: string }
  | { readonly type: "reasoning-start"; readonly id: string }
  | { readonly type: "reasoning-delta"; readonly id: string; readonly delta: string }
  | { readonly type: "reasoning-end"; readonly id: string }
  | {
      readonly type: "tool-input-available";
      readonly toolCallId: string;
      readonly toolName: string;
      readonly input: Json;
      readonly dynamic: true;
    }
  | { readonly type: "tool-approval-request"; readonly approvalId: string; readonly toolCallId: string }
  | {
      readonly type: "tool-output-available";
      readonly toolCallId: string;
      readonly output: Json;
      readonly dynamic: true;
    }
  | {
      readonly type: "tool-output-error";
      readonly toolCallId: string;
      readonly errorText: string;
      readonly dynamic: true;
    }
  | { readonly type: "file"; readonly url: string; readonly mediaType: string }
  | { readonly type: "data-bgo"; readonly id: string; readonly data: JsonObject; readonly transient: boolean }
  | { readonly type: "finish"; readonly finishReason: "stop" | "tool-calls" }
  | { readonly type: "error"; readonly errorText: string };

export const uiMessageStreamHeaders = { "x-vercel-ai-ui-message-stream": "v1" } as const;

/** Chunks as blocks of the stream. */
export function chunkBlocks(chunks: readonly UiMessageChunk[]): string {
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
}

/** What ends every stream. */
export const doneBlock = "data: [DONE]\n\n";
