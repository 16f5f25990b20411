import { createRoute, z } from "@hono/zod-openapi";
import { createThread } from "../../operations/create-thread.ts";
import { deleteThread } from "../../operations/delete-thread.ts";
import { pageOf } from "../../operations/list-bgos.ts";
import { threadNotFound } from "../../operations/not-found.ts";
import { postMessage } from "../../operations/post-message.ts";
import { pageOfSchema, pageQuery } from "../contracts/page.ts";
import {
  createThreadBody,
  message,
  messageQuery,
  messageReceipt,
  postMessageBody,
  thread,
} from "../contracts/thread.ts";
import { idempotencyHeader } from "../contracts/idempotency.ts";
import { idempotencyKeyOf } from "../idempotency-key.ts";
import { createRoutes, json, type Routes, type ServerContext } from "../server-context.ts";
import { messageView, threadView } from "../views.ts";

const params = z.object({ threadId: z.string().max(64) });

const list = createRoute({
  method: "get",
  path: "/threads",
  request: { query: z.object(pageQuery) },
  responses: { 200: json(pageOfSchema(thread), "newest first") },
});

const create = createRoute({
  method: "post",
  path: "/threads",
  request: { body: { ...json(createThreadBody), required: true } },
  responses: { 201: json(thread, "made") },
});

const get = createRoute({
  method: "get",
  path: "/threads/{threadId}",
  request: { params },
  responses: { 200: json(thread) },
});

const remove = createRoute({
  method: "delete",
  path: "/threads/{threadId}",
  request: { params },
  responses: { 204: { description: "gone; its BGOs run on and keep their results" } },
});

const listMessages = createRoute({
  method: "get",
  path: "/threads/{threadId}/messages",
  request: { params, query: messageQuery },
  responses: { 200: json(pageOfSchema(message), "oldest first") },
});

const post = createRoute({
  method: "post",
  path: "/threads/{threadId}/messages",
  request: { params, headers: idempotencyHeader, body: { ...json(postMessageBody), required: true } },
  responses: { 202: json(messageReceipt, "stored, together with the turn that a worker will run") },
});

export function threadRoutes({ runtime }: ServerContext): Routes {
  const { operations } = runtime;
  const { threads, messages } = operations.store.autocommit;
  const routes = createRoutes();
  routes.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const query = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await pageOf(query, (request) => threads.list(c.var.principal.scope, request));
    return c.json({ items: page.items.map(threadView), nextCursor: page.nextCursor }, 200);
  });
  routes.openapi(create, async (c) => {
    const { agent, title } = c.req.valid("json");
    const { scope } = c.var.principal;
    const made = await createThread(operations, c.var.principal, { agent, ...(title === undefined ? {} : { title }) });
    const summary = await threads.summarise(scope, made.id);
    if (summary === null) throw threadNotFound(made.id);
    return c.json(threadView(summary), 201);
  });
  routes.openapi(get, async (c) => {
    const { threadId } = c.req.valid("param");
    const found = await threads.summarise(c.var.principal.scope, threadId);
    if (found === null) throw threadNotFound(threadId);
    return c.json(threadView(found), 200);
  });
  routes.openapi(remove, async (c) => {
    await deleteThread(operations, c.var.principal, c.req.valid("param").threadId);
    return c.body(null, 204);
  });
  routes.openapi(listMessages, async (c) => {
    const { threadId } = c.req.valid("param");
    const { after, limit } = c.req.valid("query");
    const { scope } = c.var.principal;
    if ((await threads.find(scope, threadId)) === null) throw threadNotFound(threadId);
    const items = await messages.list(scope, threadId, { afterSeq: after, limit });
    const last = items.at(-1);
    const nextCursor = last !== undefined && items.length === limit ? String(last.seq) : null;
    return c.json({ items: items.map(messageView), nextCursor }, 200);
  });
  routes.openapi(post, async (c) => {
    const { text, inReplyTo, idempotencyKey } = c.req.valid("json");
    const key = idempotencyKeyOf(c, idempotencyKey);
    const { threadId } = c.req.valid("param");
    const reply = inReplyTo === undefined ? {} : { inReplyTo };
    const posted = await postMessage(operations, c.var.principal, { threadId, text, ...reply, ...key });
    if (posted.deduplicated) c.header("idempotency-replayed", "true");
    const { messageId, turnId, answeredWaitpointId } = posted;
    return c.json({ messageId, turnId, answeredWaitpointId }, 202);
  });
  return routes;
}
