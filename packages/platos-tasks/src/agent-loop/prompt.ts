import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderMetadata,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type { ModelRequest, ToolDescription } from "../core/ports/model.ts";
import type { AssistantPart, ProviderMetadata, ToolResult, TranscriptEntry } from "../core/transcript.ts";

/** What providers should do that is not their default. Each reads its own key only. */
const providerOptions: SharedV4ProviderOptions = {
  // The conversation lives in our journal, whole: nothing to go missing at the provider while a BGO waits for days.
  openai: { store: false },
  // A loop sends the same beginning again with every call; cached it costs a tenth.
  anthropic: { cacheControl: { type: "ephemeral" } },
};

/** A request in the form of the AI SDK's language model interface. */
export function toCallOptions(request: ModelRequest, abortSignal: AbortSignal): LanguageModelV4CallOptions {
  return {
    prompt: toPrompt(request.system, request.transcript),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toFunctionTool) }),
    abortSignal,
    providerOptions,
  };
}

function toFunctionTool(tool: ToolDescription): LanguageModelV4FunctionTool {
  return {
    type: "function",
    name: tool.name,
    description: tool.description,
    inputSchema: tool.inputSchema as LanguageModelV4FunctionTool["inputSchema"],
  };
}

export function toPrompt(system: string, transcript: readonly TranscriptEntry[]): LanguageModelV4Prompt {
  const messages: LanguageModelV4Message[] = system === "" ? [] : [{ role: "system", content: system }];
  for (const entry of transcript) {
    if (entry.role === "user") {
      // Providers refuse empty text.
      if (entry.text !== "") messages.push({ role: "user", content: [{ type: "text", text: entry.text }] });
    } else if (entry.role === "assistant") {
      const content = entry.parts.flatMap(toAssistantContent);
      if (content.length > 0) messages.push({ role: "assistant", content });
    } else if (entry.results.length > 0) {
      messages.push({ role: "tool", content: entry.results.map(toToolResult) });
    }
  }
  return messages;
}

type AssistantContent = Extract<LanguageModelV4Message, { role: "assistant" }>["content"];

function toAssistantContent(part: AssistantPart): AssistantContent {
  const options = toProviderOptions(part.providerMetadata);
  switch (part.type) {
    case "text":
      return part.text === "" && part.providerMetadata === undefined
        ? []
        : [{ type: "text", text: part.text, ...options }];
    case "reasoning":
      return [{ type: "reasoning", text: part.text, ...options }];
    case "tool_call":
      return [{ type: "tool-call", toolCallId: part.callId, toolName: part.tool, input: part.args, ...options }];
  }
}

function toProviderOptions(metadata: ProviderMetadata | undefined): { providerOptions?: SharedV4ProviderMetadata } {
  return metadata === undefined ? {} : { providerOptions: metadata as SharedV4ProviderMetadata };
}

function toToolResult(result: ToolResult): LanguageModelV4ToolResultPart {
  return { type: "tool-result", toolCallId: result.callId, toolName: result.tool, output: toOutput(result) };
}

function toOutput(result: ToolResult): LanguageModelV4ToolResultPart["output"] {
  if (result.error !== undefined) return { type: "error-text", value: result.error.message };
  const { output } = result;
  if (typeof output === "string") return { type: "text", value: output };
  return { type: "json", value: (output ?? null) as Exclude<typeof output, undefined> & null };
}
