import type { FailureView } from "../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { ToolDescription } from "../../core/ports/model.ts";
import { toolCallsOf, type AssistantPart, type ToolCallPart, type TranscriptEntry } from "../../core/transcript.ts";

/** What the demo model decides upon. */
export interface DemoInput {
  readonly system: string;
  readonly transcript: readonly TranscriptEntry[];
  readonly tools: readonly ToolDescription[];
}

/** Everything the demo model says in a final answer begins with this. */
export const demoLabel = "Demo model: ";

export interface AnsweredCall {
  readonly tool: string;
  readonly args: JsonObject;
  readonly output: Json;
  readonly error: FailureView | null;
}

/** Calls that have their result, in the order of the calls. */
export function answeredCalls(transcript: readonly TranscriptEntry[]): AnsweredCall[] {
  const results = new Map(
    transcript.flatMap((entry) =>
      entry.role === "tool" ? entry.results.map((result) => [result.callId, result]) : [],
    ),
  );
  const calls = transcript.flatMap((entry) => (entry.role === "assistant" ? toolCallsOf(entry.parts) : []));
  return calls.flatMap((call): AnsweredCall[] => {
    const result = results.get(call.callId);
    if (result === undefined) return [];
    const args = isJsonObject(call.args) ? call.args : {};
    return [{ tool: call.tool, args, output: result.output ?? null, error: result.error ?? null }];
  });
}

export function hasTool(input: DemoInput, name: string): boolean {
  return input.tools.some((tool) => tool.name === name);
}

/** A call with an id that depends on the conversation alone. */
export function demoCall(input: DemoInput, tool: string, { args, index = 0 }: DemoCallOptions): ToolCallPart {
  const turn = input.transcript.filter((entry) => entry.role === "assistant").length;
  return { type: "tool_call", callId: `demo_${turn}_${index}`, tool, args };
}

interface DemoCallOptions {
  readonly args: JsonObject;
  /** Position among the calls of one answer. */
  readonly index?: number;
}

export function say(text: string): AssistantPart {
  return { type: "text", text };
}

/** The member `key` of `value`, if that is a text and not empty. */
export function textAt(value: Json, key: string): string | null {
  const member = isJsonObject(value) ? value[key] : undefined;
  return typeof member === "string" && member !== "" ? member : null;
}

export function numberAt(value: Json, key: string): number | null {
  const member = isJsonObject(value) ? value[key] : undefined;
  return typeof member === "number" ? member : null;
}
