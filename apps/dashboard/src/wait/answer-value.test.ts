import { expect, test } from "vitest";

import { verifies } from "../../../../spec/verifies.ts";
import { decisionValue, parseJson } from "./answer-value.ts";

test("JSON is taken as the value it is; anything else says why it is none", () => {
  expect(parseJson(' {"to": ["a"]} ')).toEqual({ ok: true, value: { to: ["a"] } });
  expect(parseJson("null")).toEqual({ ok: true, value: null });
  expect(parseJson("{to: 1}")).toMatchObject({ ok: false, problem: expect.stringContaining("not JSON") });
  expect(parseJson(" \n")).toMatchObject({ ok: false });
});

test("every decision is bound to the arguments that were shown", () => {
  verifies("P23.a");
  const shown = { argsHash: "h1" };
  expect(decisionValue(shown, { decision: "approve" })).toEqual({ decision: "approve", argsHash: "h1" });
  expect(decisionValue(shown, { decision: "approve", args: null })).toEqual({
    decision: "approve",
    argsHash: "h1",
    args: null,
  });
  expect(decisionValue(shown, { decision: "deny", reason: " no " })).toEqual({
    decision: "deny",
    argsHash: "h1",
    reason: "no",
  });
  expect(decisionValue(shown, { decision: "deny", reason: " " })).toEqual({ decision: "deny", argsHash: "h1" });
});
