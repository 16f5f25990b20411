import type { Json, WaitpointKind, WaitpointStatus } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { verifies } from "../../../../spec/verifies.ts";
import { waitOutcomeWords } from "./wait-outcome-words.ts";

const outcome = (kind: WaitpointKind, status: WaitpointStatus, resolution: Json): readonly unknown[] => {
  const { look, text, value } = waitOutcomeWords({ kind, status, resolution });
  return [look.word, text, value];
};

test("a reply and a text from outside are shown as what was written", () => {
  expect(outcome("reply", "completed", { text: "Blue.", messageId: "msg_1" })).toEqual([
    "Answered",
    "Blue.",
    undefined,
  ]);
  expect(outcome("token", "completed", "Blue.")).toEqual(["Answered", "Blue.", undefined]);
});

test("any other answer is shown as the value it is, also none and no", () => {
  expect(outcome("token", "completed", { colour: "blue" })).toEqual(["Answered", null, { colour: "blue" }]);
  expect(outcome("token", "completed", false)).toEqual(["Answered", null, false]);
  expect(outcome("token", "completed", null)).toEqual(["Answered", null, null]);
});

test("a decision says what was decided, with its reason and with what was changed", () => {
  verifies("P23.a");
  const approve = { decision: "approve", argsHash: "h" };
  expect(outcome("approval", "completed", approve)).toEqual(["Approved", null, undefined]);
  expect(outcome("approval", "completed", { ...approve, args: { to: "b" } })).toEqual([
    "Approved with other arguments",
    null,
    { to: "b" },
  ]);
  expect(outcome("approval", "completed", { decision: "deny", reason: "too dear" })).toEqual([
    "Denied",
    "too dear",
    undefined,
  ]);
});

test("a wait without an answer says why", () => {
  expect(outcome("token", "failed", { reason: "the shop is closed" })).toEqual([
    "Failed",
    "the shop is closed",
    undefined,
  ]);
  expect(outcome("reply", "timed_out", null)).toEqual(["Timed out", "Nobody answered in time.", undefined]);
  expect(outcome("approval", "timed_out", null)[1]).toMatch(/the call was not made/u);
  expect(outcome("reply", "cancelled", null)).toEqual(["Called off", "What waited for it has ended.", undefined]);
});
