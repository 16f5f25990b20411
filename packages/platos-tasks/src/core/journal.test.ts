import { expect, test } from "vitest";
import { answerParts } from "./answer-parts.ts";
import { openResponseOf, type Step, transcriptOf } from "./journal.ts";
import type { AssistantPart, ModelResponse } from "./transcript.ts";

const say = (text: string): AssistantPart => ({ type: "text", text });
const ask = (callId: string, tool = "look"): AssistantPart => ({
  type: "tool_call",
  callId,
  tool,
  args: { q: callId },
});

function model(...parts: readonly AssistantPart[]): Step {
  const response: ModelResponse = {
    parts,
    finishReason: "stop",
    usage: { inputTokens: 1, outputTokens: 1, costUsd: 0 },
    model: "test",
    durationMs: 1,
  };
  return { kind: "model", response };
}
const intent = (callId: string): Step => ({ kind: "tool_intent", callId, tool: "look" });
const result = (callId: string): Step => ({ kind: "tool_result", result: { callId, tool: "look", output: callId } });

test("an empty journal has no transcript and no open response", () => {
  expect(transcriptOf([])).toEqual([]);
  expect(openResponseOf([])).toEqual({
    modelCalls: 0,
    parts: null,
    stepNo: null,
    answered: new Set(),
    begun: new Set(),
  });
});

test("the transcript alternates between answers and the results of their calls", () => {
  const steps = [
    model(say("so"), ask("a"), ask("b")),
    intent("a"),
    result("a"),
    intent("b"),
    result("b"),
    model(say("done")),
  ];
  expect(transcriptOf(steps)).toEqual([
    { role: "assistant", parts: [say("so"), ask("a"), ask("b")] },
    { role: "tool", results: [expect.objectContaining({ callId: "a" }), expect.objectContaining({ callId: "b" })] },
    { role: "assistant", parts: [say("done")] },
  ]);
});

test("an open response tells what has been answered and what was only begun", () => {
  const steps = [model(ask("old")), result("old"), model(ask("a"), ask("b"), ask("c")), result("a"), intent("b")];
  expect(openResponseOf(steps)).toEqual({
    modelCalls: 2,
    parts: [ask("a"), ask("b"), ask("c")],
    stepNo: 2,
    answered: new Set(["a"]),
    begun: new Set(["b"]),
  });
});

test("a finished journal's last response has nothing open", () => {
  const { parts, answered } = openResponseOf([model(ask("a")), result("a"), model(say("bye"))]);
  expect([parts, [...answered]]).toEqual([[say("bye")], []]);
});

test("the message of a turn shows each call as far as it came", () => {
  const failed: Step = {
    kind: "tool_result",
    result: { callId: "b", tool: "look", error: { code: "tool.failed", message: "it was shut" } },
  };
  const parts = answerParts([
    model(say("I look"), ask("a"), ask("b"), ask("c")),
    result("a"),
    failed,
    model(say("So.")),
  ]);
  expect(parts).toEqual([
    { type: "step-start" },
    { type: "text", text: "I look" },
    expect.objectContaining({ toolCallId: "a", state: "output-available", input: { q: "a" }, output: "a" }),
    expect.objectContaining({ toolCallId: "b", state: "output-error", errorText: "it was shut" }),
    expect.objectContaining({ toolCallId: "c", state: "input-available" }),
    { type: "step-start" },
    { type: "text", text: "So." },
  ]);
});

test("the message of a turn keeps what providers hide in their parts to itself", () => {
  const parts = answerParts([model({ type: "reasoning", text: "hm", providerMetadata: { x: { signature: "s" } } })]);
  expect(parts).toEqual([{ type: "step-start" }, { type: "reasoning", text: "hm" }]);
});
