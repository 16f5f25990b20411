import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { toolCallsOf, type AssistantPart } from "../../core/transcript.ts";
import { decideDemoReply } from "./demo-brain.ts";
import { fromCallOptions } from "./demo-prompt.ts";

export interface DemoModelOptions {
  /** How long each piece of text takes to appear. */
  readonly pieceDelayMs?: number;
}

const pieceChars = 4;
const defaultPieceDelayMs = 12;
/** However long an answer is, it has appeared after about this time. */
const longestAnswerMs = 1_000;

/**
 * `demo:scripted` as a model of the AI SDK: rules that play the common jobs over the real tools, without a key, a
 * network or a cost. Its texts appear piece by piece, as a model's do.
 */
export function createDemoModel({ pieceDelayMs = defaultPieceDelayMs }: DemoModelOptions = {}): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "demo",
    modelId: "scripted",
    supportedUrls: {},
    async doGenerate(options) {
      const parts = decideDemoReply(fromCallOptions(options));
      for (const part of parts) {
        if (part.type === "text") await pace(part.text, pieceDelayMs, options.abortSignal);
      }
      return {
        content: parts.map(toContent),
        finishReason: finishReasonOf(parts),
        usage: usageOf(options, parts),
        response: { modelId: "scripted" },
        warnings: [],
      };
    },
    doStream(options) {
      const pieces = streamOf(options, pieceDelayMs);
      return Promise.resolve({ stream: ReadableStream.from<LanguageModelV4StreamPart>(pieces) });
    },
  };
}

async function* streamOf(
  options: LanguageModelV4CallOptions,
  pieceDelayMs: number,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const parts = decideDemoReply(fromCallOptions(options));
  yield { type: "stream-start", warnings: [] };
  yield { type: "response-metadata", modelId: "scripted" };
  for (const [index, part] of parts.entries()) {
    const content = toContent(part);
    if (content.type !== "text") {
      yield content as LanguageModelV4StreamPart;
      continue;
    }
    const id = String(index);
    yield { type: "text-start", id };
    for await (const delta of piecesOf(content.text, pieceDelayMs, options.abortSignal)) {
      yield { type: "text-delta", id, delta };
    }
    yield { type: "text-end", id };
  }
  yield { type: "finish", finishReason: finishReasonOf(parts), usage: usageOf(options, parts) };
}

async function* piecesOf(text: string, pieceDelayMs: number, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const size = Math.max(pieceChars, Math.ceil((text.length * pieceDelayMs) / longestAnswerMs));
  for (let start = 0; start < text.length; start += size) {
    if (pieceDelayMs > 0) await pause(pieceDelayMs, signal);
    yield text.slice(start, start + size);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

async function pace(text: string, pieceDelayMs: number, signal: AbortSignal | undefined): Promise<void> {
  for await (const _piece of piecesOf(text, pieceDelayMs, signal));
}

function toContent(part: AssistantPart): LanguageModelV4Content {
  if (part.type !== "tool_call") return { type: part.type, text: part.text };
  return { type: "tool-call", toolCallId: part.callId, toolName: part.tool, input: JSON.stringify(part.args) };
}

function finishReasonOf(parts: readonly AssistantPart[]): LanguageModelV4FinishReason {
  return { unified: toolCallsOf(parts).length > 0 ? "tool-calls" : "stop", raw: undefined };
}

/** Four characters to a token, as a rule of thumb has it. */
function usageOf(options: LanguageModelV4CallOptions, parts: readonly AssistantPart[]): LanguageModelV4Usage {
  const input = Math.ceil(JSON.stringify(options.prompt).length / 4);
  const output = Math.ceil(JSON.stringify(parts).length / 4);
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  };
}
