import type { Page, Message } from "@platos-tasks/client";

import { api } from "../../api.ts";
import type { LiveStore } from "../../live/live-store.ts";

const pageSize = 200;

export interface ListMessagesRequest {
  readonly threadId: string;
  /** Messages with a greater `seq`. */
  readonly after: number;
  readonly signal: AbortSignal;
}

/** `GET /api/v1/threads/{id}/messages`, page after page to the newest: all go into the live store. */
export async function listMessages(store: LiveStore, request: ListMessagesRequest): Promise<void> {
  const { threadId, signal } = request;
  let after: number | null = request.after;
  while (after !== null) {
    const asOf = store.messages.clock();
    const page: Page<Message> = await api.threads.messages.list(threadId, { after, limit: pageSize, signal });
    store.messages.putSnapshot(page.items, asOf);
    const last = page.items.at(-1)?.seq;
    after = page.nextCursor === null || last === undefined ? null : last;
  }
}
