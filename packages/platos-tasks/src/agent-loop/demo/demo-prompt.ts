import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4ToolResultPart,
} from "@ai-sdk/provider";
import type { Json, JsonObject } from "../../core/json.ts";
import type { AssistantPart, ToolResult, TranscriptEntry } from "../../core/transcript.ts";
import type { DemoInput } from "./demo-transcript.ts";

/** A call of the AI SDK as the demo model reads it: text, calls and results; all else is left out. */
export function fromCallOptions({ prompt, tools }: Pick<LanguageModelV4CallOptions, "prompt" | "tools">): DemoInput {
  return {
    system: prompt.flatMap((message) => (message.role === "system" ? [message.content] : [])).join("\n"),
    transcript: prompt.flatMap(entryOf),
    tools: (tools ?? []).flatMap((tool) =>
      tool.type === "function"
        ? [{ name: tool.name, description: tool.description ?? "", inputSchema: tool.inputSchema as JsonObject }]
        : [],
    ),
  };
}

function entryOf(message: LanguageModelV4Message): TranscriptEntry[] {
  switch (message.role) {
    case "system":
      return [];
    case "user":
      return [
        { role: "user", text: message.content.map((part) => (part.type === "text" ? part.text : "")).join("\n") },
      ];
    case "assistant":
      return [{ role: "assistant", parts: message.content.flatMap(partOf) }];
    case "tool":
      return [
        {
          role: "tool",
          results: message.content.flatMap((part) => (part.type === "tool-result" ? [resultOf(part)] : [])),
        },
      ];
  }
}

function partOf(part: Extract<LanguageModelV4Message, { role: "assistant" }>["content"][number]): AssistantPart[] {
  if (part.type === "text" || part.type === "reasoning") return [{ type: part.type, text: part.text }];
  if (part.type !== "tool-call") return [];
  return [{ type: "tool_call", callId: part.toolCallId, tool: part.toolName, args: part.input as Json }];
}

function resultOf({ toolCallId: callId, toolName: tool, output }: LanguageModelV4ToolResultPart): ToolResult {
  if (output.type === "error-text") return { callId, tool, error: { code: "tool.failed", message: output.value } };
  if (output.type === "text" || output.type === "json") return { callId, tool, output: output.value as Json };
  return { callId, tool, output: null };
}
