import type { Message } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { sentAgain, stillPending } from "./pending-message.ts";
import type { PendingMessage } from "./pending-message.ts";

const sent: PendingMessage = {
  key: "k",
  text: "hello",
  inReplyTo: null,
  sentAfterSeq: 4,
  messageId: null,
  error: null,
  isRefused: false,
};

function message(id: string, seq: number, text: string): Message {
  return { id, seq, role: "user", parts: [{ type: "text", text }] } as unknown as Message;
}

test("a message is pending until the transcript has it", () => {
  expect(stillPending([sent], [])).toEqual([sent]);
  expect(stillPending([{ ...sent, messageId: "m5" }], [message("m5", 5, "hello")])).toEqual([]);
});

test("an event may come before the answer that names the message", () => {
  expect(stillPending([sent], [message("m5", 5, "hello")])).toEqual([]);
});

test("an older message with the same words is another one", () => {
  expect(stillPending([sent], [message("m3", 3, "hello")])).toEqual([sent]);
});

test("once it is named, only that message ends it", () => {
  const named = { ...sent, messageId: "m6" };
  expect(stillPending([named], [message("m5", 5, "hello")])).toEqual([named]);
});

test("one that was refused stays, to be sent again", () => {
  const refused = { ...sent, error: "No answer." };
  expect(stillPending([refused], [message("m5", 5, "hello")])).toEqual([refused]);
});

test("a message that nobody answered for is sent again as it was: it may have been taken", () => {
  const lost = { ...sent, inReplyTo: "wpt_1", error: "No answer." };
  const again = sentAgain(lost, { inReplyTo: null, key: "k2" });
  expect(again).toMatchObject({ key: sent.key, inReplyTo: "wpt_1", error: null });
});

test("one that was refused is sent anew, to whom the next message goes", () => {
  const refused = { ...sent, inReplyTo: "wpt_1", error: "No open question.", isRefused: true };
  const again = sentAgain(refused, { inReplyTo: "wpt_2", key: "k2" });
  expect(again).toMatchObject({ key: "k2", inReplyTo: "wpt_2", error: null, isRefused: false });
});
