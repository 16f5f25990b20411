import type { MessageReceipt } from "@platos-tasks/client";

import { api } from "../api.ts";

export interface SendMessageRequest {
  readonly threadId: string;
  readonly text: string;
  /** The wait of the question it answers; null leaves it to the server. */
  readonly inReplyTo: string | null;
  /** The same for every try of the same message, so that it is written once. */
  readonly idempotencyKey: string;
}

/** `POST /api/v1/threads/{id}/messages`. */
export function sendMessage(request: SendMessageRequest): Promise<MessageReceipt> {
  const { threadId, text, inReplyTo, idempotencyKey } = request;
  const reply = inReplyTo === null ? {} : { inReplyTo };
  return api.threads.messages.create(threadId, { text, ...reply, idempotencyKey });
}

/** `crypto.randomUUID` exists in secure contexts only; this works on any page. */
export function newMessageKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
