import type { Json, JsonObject } from "../core/json.ts";
import type { ToolDescription } from "../core/ports/model.ts";
import { textOf, toolCallsOf, type AssistantPart, type TranscriptEntry } from "../core/transcript.ts";
import type { StubReplyFunction } from "./openai-stub.ts";
import type { StubMessage } from "./openai-stub-wire.ts";

/** Something that decides an answer from a conversation, as the demo model's rules do. */
export type ReplyRules = (input: {
  readonly system: string;
  readonly transcript: readonly TranscriptEntry[];
  readonly tools: readonly ToolDescription[];
}) => readonly AssistantPart[];

/** Lets the stub answer by rules, so that a job can be played through a provider's real code. */
export function rulesReply(decide: ReplyRules): StubReplyFunction {
  return (request) => {
    const parts = decide({
      system: request.messages.map((message) => (message.role === "system" ? (message.content ?? "") : "")).join(""),
      transcript: transcriptOf(request.messages),
      tools: request.tools.map(({ function: tool }) => ({
        name: tool.name,
        description: tool.description ?? "",
        inputSchema: (tool.parameters ?? {}) as JsonObject,
      })),
    });
    return {
      text: textOf(parts),
      toolCalls: toolCallsOf(parts).map((call) => ({ id: call.callId, name: call.tool, args: call.args })),
    };
  };
}

function transcriptOf(messages: readonly StubMessage[]): TranscriptEntry[] {
  const names = new Map<string, string>();
  return messages.flatMap((message): TranscriptEntry[] => {
    const text = message.content ?? "";
    if (message.role === "user") return [{ role: "user", text }];
    if (message.role === "assistant") {
      for (const call of message.tool_calls ?? []) names.set(call.id, call.function.name);
      return [{ role: "assistant", parts: assistantParts(message) }];
    }
    if (message.role !== "tool") return [];
    const callId = message.tool_call_id ?? "";
    return [{ role: "tool", results: [{ callId, tool: names.get(callId) ?? "", output: jsonOr(text) }] }];
  });
}

function assistantParts(message: StubMessage): AssistantPart[] {
  const calls = (message.tool_calls ?? []).map((call): AssistantPart => ({
    type: "tool_call",
    callId: call.id,
    tool: call.function.name,
    args: JSON.parse(call.function.arguments) as Json,
  }));
  const text = message.content ?? "";
  return text === "" ? calls : [{ type: "text", text }, ...calls];
}

// The wire carries outputs as text and does not tell an error from them.
function jsonOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
