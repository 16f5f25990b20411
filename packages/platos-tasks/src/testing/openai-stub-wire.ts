import type { Json } from "../core/json.ts";

/** The chat-completions wire as the stub reads it. Source: OpenAI API reference, "Create chat completion". */
export interface StubMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content?: string | null;
  readonly tool_calls?: readonly StubWireCall[];
  readonly tool_call_id?: string;
}

export interface StubWireCall {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface StubWireTool {
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Readonly<Record<string, Json>>;
  };
}

/** One request the stub has seen. */
export interface StubRequest {
  readonly model: string;
  readonly messages: readonly StubMessage[];
  readonly tools: readonly StubWireTool[];
  readonly stream: boolean;
  /** How many answers of the assistant the conversation holds already. */
  readonly assistantTurns: number;
  /** 0 for the first request this stub got, then 1, 2 … */
  readonly index: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * How the stub misbehaves. A number is an HTTP status with an error body. `reset` drops the connection before any
 * answer; `hang` never answers; `stall` begins and falls silent; `cut` ends in order but without an end mark; `torn`
 * drops the connection in the middle; `mid_stream_error` says 200 and then reports an overload.
 */
export type StubFault =
  | "400"
  | "401"
  | "403"
  | "404"
  | "422"
  | "429"
  | "500"
  | "503"
  | "504"
  | "529"
  | "reset"
  | "hang"
  | "stall"
  | "cut"
  | "torn"
  | "mid_stream_error"
  | "truncated_tool_json"
  | "not_json";

export interface StubToolCall {
  readonly name: string;
  readonly args: Json;
  /** Stands on the wire in place of `args`: what no serialiser would write. */
  readonly argsText?: string;
  /** Made up when absent; may be empty or a duplicate to see what the client does. */
  readonly id?: string;
}

export interface StubReply {
  readonly text?: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly StubToolCall[];
  readonly finishReason?: "stop" | "tool_calls" | "length" | "content_filter";
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number; readonly cachedTokens?: number };
  /** Waits this long before it answers. */
  readonly delayMs?: number;
  /** Streams the text in pieces of this many characters; 24 when absent. */
  readonly pieceChars?: number;
  readonly pieceDelayMs?: number;
  readonly fault?: StubFault;
  /** Sent as `retry-after` with a status fault: seconds or an HTTP date. */
  readonly retryAfter?: string;
  /** Sent as `retry-after-ms` with a status fault. */
  readonly retryAfterMs?: number;
  /** The message of a status fault. */
  readonly errorMessage?: string;
  /** The `code` of a status fault. */
  readonly errorCode?: string;
}

interface WireBody {
  readonly model?: string;
  readonly messages?: readonly StubMessage[];
  readonly tools?: readonly StubWireTool[];
  readonly stream?: boolean;
}

export function readStubRequest(text: string, index: number, headers: StubRequest["headers"]): StubRequest {
  const body = JSON.parse(text) as WireBody;
  const messages = body.messages ?? [];
  return {
    model: body.model ?? "",
    messages,
    tools: body.tools ?? [],
    stream: body.stream === true,
    assistantTurns: messages.filter((message) => message.role === "assistant").length,
    index,
    headers,
  };
}

/** The calls of a reply as they stand on the wire. */
export function wireCalls(reply: StubReply, request: StubRequest): StubWireCall[] {
  return (reply.toolCalls ?? []).map((call, position) => {
    const text = call.argsText ?? JSON.stringify(call.args);
    return {
      id: call.id ?? `call_${request.index}_${position}`,
      function: {
        name: call.name,
        arguments: reply.fault === "truncated_tool_json" ? text.slice(0, Math.max(1, text.length - 2)) : text,
      },
    };
  });
}

export function wireUsage(reply: StubReply, request: StubRequest): Json {
  const inputTokens = reply.usage?.inputTokens ?? Math.ceil(JSON.stringify(request.messages).length / 4);
  const answer = `${reply.text ?? ""}${reply.reasoning ?? ""}${JSON.stringify(reply.toolCalls ?? [])}`;
  const outputTokens = reply.usage?.outputTokens ?? Math.ceil(answer.length / 4);
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: reply.usage?.cachedTokens ?? 0 },
  };
}

export function finishReasonOf(reply: StubReply): string {
  return reply.finishReason ?? ((reply.toolCalls ?? []).length > 0 ? "tool_calls" : "stop");
}
