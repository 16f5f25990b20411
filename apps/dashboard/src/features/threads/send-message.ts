import type { MessageReceipt } from "@platos-tasks/client";

import { api } from "../../api.ts";

export interface SendMessageRequest {
  readonly threadId: string;
  readonly text: string;
  /** The same for every try of the same message, so that it is written once. */
  readonly idempotencyKey: string;
}

/** `POST /api/v1/threads/{id}/messages`. */
export function sendMessage({ threadId, text, idempotencyKey }: SendMessageRequest): Promise<MessageReceipt> {
  return api.threads.messages.create(threadId, { text, idempotencyKey });
}
