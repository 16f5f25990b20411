import type { Message } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { unseenWords } from "./unseen.ts";

function message(seq: number, terminal: boolean, role = "assistant"): Message {
  return { seq, terminal, role } as Message;
}

test("results are called results, a mixture messages", () => {
  expect(unseenWords([message(1, false), message(2, true)], 1)).toBe("1 new result");
  expect(unseenWords([message(2, true), message(3, true)], 1)).toBe("2 new results");
  expect(unseenWords([message(2, true), message(3, false)], 1)).toBe("2 new messages");
});

test("what was seen and what the reader wrote is not new", () => {
  expect(unseenWords([message(1, true), message(2, false, "user")], 1)).toBeNull();
});
