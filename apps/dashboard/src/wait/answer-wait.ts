import type { Json, Waitpoint } from "@platos-tasks/client";

import { api } from "../api.ts";
import { newMessageKey, sendMessage } from "../thread/send-message.ts";

/** How a wait is ended from here. */
export type WaitAnswer =
  | { readonly kind: "complete"; readonly value: Json }
  | { readonly kind: "fail"; readonly reason: string }
  /** As the user's message in the thread. */
  | { readonly kind: "reply"; readonly threadId: string; readonly message: ReplyMessage };

/** The same one is sent again with the same key, so that it stands in the thread once. */
export interface ReplyMessage {
  readonly text: string;
  readonly key: string;
}

export function replyMessage(text: string, earlier: ReplyMessage | null): ReplyMessage {
  return earlier?.text === text ? earlier : { text, key: newMessageKey() };
}

/** Ends a wait. Null: it is answered, and its row comes as an event. */
export async function answerWait(waitpointId: string, answer: WaitAnswer): Promise<Waitpoint | null> {
  switch (answer.kind) {
    case "complete":
      return api.waitpoints.complete(waitpointId, answer.value);
    case "fail":
      return api.waitpoints.fail(waitpointId, { reason: answer.reason });
    case "reply": {
      const { threadId, message } = answer;
      await sendMessage({ threadId, text: message.text, inReplyTo: waitpointId, idempotencyKey: message.key });
      // The message was taken: that its outcome cannot be read now is no failure of it.
      return api.waitpoints.get(waitpointId).catch(() => null);
    }
  }
}
