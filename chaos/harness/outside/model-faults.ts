import type { StubReply } from "../../../packages/platos-tasks/src/testing/openai-stub.ts";

const hugeChars = 300_000;

/** Control characters, halves of surrogate pairs and a great deal of it: what a model may say and a database may not like. */
export function hugeOutput(): string {
  const piece = "a\u0000b\uD83D c\uDE00 \u001B[31m \uFFFE ";
  return piece.repeat(Math.ceil(hugeChars / piece.length));
}

/**
 * What a provider may do instead of answering: each is laid over the answer it should have been. Whole answers and
 * streams show some of them differently (`stall`, `cut`), as they do in life.
 */
export const modelFaults = {
  rate_limited: { fault: "429" },
  rate_limited_with_hint: { fault: "429", retryAfter: "1" },
  server_error: { fault: "500" },
  unavailable: { fault: "503" },
  overloaded: { fault: "529" },
  reset: { fault: "reset" },
  hang: { fault: "hang" },
  stall: { fault: "stall" },
  slow_drip: { delayMs: 1500, pieceChars: 4, pieceDelayMs: 50 },
  mid_stream_error: { fault: "mid_stream_error" },
  cut: { fault: "cut" },
  torn: { fault: "torn" },
  truncated_tool_json: { fault: "truncated_tool_json" },
  not_json: { fault: "not_json" },
  unknown_tool: { toolCalls: [{ name: "no_such_tool", args: {} }] },
  duplicate_call_ids: {
    toolCalls: [
      { name: "list_bgos", args: {}, id: "same" },
      { name: "list_bgos", args: {}, id: "same" },
    ],
  },
  empty_reply: { text: "", toolCalls: [] },
  refusal: { text: "I cannot help with that.", toolCalls: [], finishReason: "content_filter" },
  huge_output: { text: hugeOutput(), toolCalls: [] },
} as const satisfies Record<string, StubReply>;

export type ModelFault = keyof typeof modelFaults;

/** Whole answers, other ones than were asked for: nobody asks again, and what was to be done is not done. */
export const misleadingFaults: readonly ModelFault[] = ["unknown_tool", "duplicate_call_ids", "huge_output"];

export const modelFaultNames = Object.keys(modelFaults) as [ModelFault, ...ModelFault[]];
