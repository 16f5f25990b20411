import { expect, test } from "vitest";
import { failureView, PlatosError } from "./errors.ts";
import { titleOf } from "./bgo.ts";

test("what is stored of an error is its code and message, never its cause or stack", () => {
  const error = new PlatosError("tool.failed", "It broke. Mend it.", { cause: new Error("secret") });
  expect(failureView(error)).toEqual({ code: "tool.failed", message: "It broke. Mend it." });
  expect(JSON.stringify(failureView(new Error("password=hunter2")))).not.toContain("hunter2");
  expect(failureView("a string").code).toBe("internal");
});

test("an error is recognised across copies of its class, and nothing else is", () => {
  const copy = Object.assign(new Error("x"), { [Symbol.for("platos-tasks.error")]: true });
  expect([PlatosError.is(copy), PlatosError.is(new Error("x")), PlatosError.is(null)]).toEqual([true, false, false]);
});

test("a BGO is called by its label, else by the first line of its prompt", () => {
  expect(titleOf({ label: "render", prompt: "p" })).toBe("render");
  expect(titleOf({ label: null, prompt: "\n first line\nsecond" })).toBe("first line");
  expect(titleOf({ label: "", prompt: "x".repeat(200) })).toHaveLength(80);
});
