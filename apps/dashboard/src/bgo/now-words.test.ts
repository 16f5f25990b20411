import { expect, test } from "vitest";

import { nowWords } from "./now-words.ts";

const progress = { message: "Page 2 of 3" };
const error = { code: "model.failed", message: "The model answered 529 three times." };

test("a running BGO says how far it is, else what it does", () => {
  expect(nowWords({ status: "running", reason: "thinking", progress, error: null })).toBe("Page 2 of 3");
  expect(nowWords({ status: "running", reason: "thinking", progress: null, error: null })).toBe("thinking");
});

test("one that waits or has ended no longer shows the progress it had", () => {
  expect(nowWords({ status: "waiting", reason: "for a reply", progress, error: null })).toBe("for a reply");
  expect(nowWords({ status: "completed", reason: null, progress, error: null })).toBeNull();
});

test("a failed one says why", () => {
  expect(nowWords({ status: "failed", reason: "model.failed", progress, error })).toBe(error.message);
});
