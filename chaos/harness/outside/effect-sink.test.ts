import { expect, test } from "vitest";
import { type Effect, effectViolations } from "./effect-sink.ts";

function effect(changes: Partial<Effect>): Effect {
  return { effect: "at_most_once", callKey: "bgo_1:0:a", bgoId: "bgo_1", token: "t", ...changes };
}

test("an at-most-once call that comes twice is a violation, under whatever keys", () => {
  expect(effectViolations([effect({}), effect({ token: "other" })])).toEqual([]);
  expect(effectViolations([effect({}), effect({ callKey: "bgo_1:2:a" })])).toEqual([
    "I8: the at-most-once call t reached the sink 2 times",
  ]);
});

test("an idempotent call may come again under its key, and under no other", () => {
  const idempotent = effect({ effect: "idempotent" });
  expect(effectViolations([idempotent, idempotent])).toEqual([]);
  expect(effectViolations([idempotent, { ...idempotent, callKey: "bgo_1:2:a" }])).toHaveLength(1);
});

test("a pure call may come as often as it likes", () => {
  const pure = effect({ effect: "pure" });
  expect(effectViolations([pure, { ...pure, callKey: "bgo_1:2:a" }])).toEqual([]);
});
