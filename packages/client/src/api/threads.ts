import { readJson } from "../connection.ts";
import type { Connection } from "../connection.ts";
import type { Message, MessageReceipt } from "../message.ts";
import type { Page } from "../page.ts";
import type { CreateThreadBody, Thread } from "../thread.ts";
import { apiPath } from "../url.ts";
import type { CallOptions, PageOptions } from "./call-options.ts";

export interface ListMessagesOptions extends CallOptions {
  /** Only messages with a greater `seq`; oldest first. */
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
}

export interface CreateMessageBody {
  readonly text: string;
  /** The waitpoint of the question it answers; without it, the oldest open question of the thread, if there is one. */
  readonly inReplyTo?: string;
  /** Sent as `Idempotency-Key`: the same key makes one message and one turn. */
  readonly idempotencyKey?: string;
}

export interface ThreadMessagesApi {
  /** `nextCursor` is the `after` of the next page. */
  list(threadId: string, options?: ListMessagesOptions): Promise<Page<Message>>;
  create(threadId: string, body: CreateMessageBody, options?: CallOptions): Promise<MessageReceipt>;
}

export interface ThreadsApi {
  /** The most recently used first. */
  list(options?: PageOptions): Promise<Page<Thread>>;
  get(threadId: string, options?: CallOptions): Promise<Thread>;
  create(body: CreateThreadBody, options?: CallOptions): Promise<Thread>;
  delete(threadId: string, options?: CallOptions): Promise<void>;
  readonly messages: ThreadMessagesApi;
}

export function threadsApi(connection: Connection): ThreadsApi {
  return {
    list: ({ limit, cursor, signal } = {}) =>
      readJson(connection.send("GET", apiPath("threads"), { query: { limit, cursor }, signal })),
    get: (threadId, { signal } = {}) => readJson(connection.send("GET", apiPath("threads", threadId), { signal })),
    create: (body, { signal } = {}) => readJson(connection.send("POST", apiPath("threads"), { body, signal })),
    delete: async (threadId, { signal } = {}) => {
      await connection.send("DELETE", apiPath("threads", threadId), { signal });
    },
    messages: messagesApi(connection),
  };
}

function messagesApi(connection: Connection): ThreadMessagesApi {
  return {
    list: (threadId, { after, limit, signal } = {}) =>
      readJson(connection.send("GET", apiPath("threads", threadId, "messages"), { query: { after, limit }, signal })),
    create: (threadId, { idempotencyKey, ...body }, { signal } = {}) => {
      const path = apiPath("threads", threadId, "messages");
      return readJson(connection.send("POST", path, { body, idempotencyKey, signal }));
    },
  };
}
