import { createRoute, z } from "@hono/zod-openapi";
import { cancelBgo } from "../../operations/cancel-bgo.ts";
import { getBgo } from "../../operations/get-bgo.ts";
import { listBgos } from "../../operations/list-bgos.ts";
import { agentNotFound } from "../../operations/not-found.ts";
import { rescheduleBgo, runBgoNow } from "../../operations/reschedule-bgo.ts";
import { spawnBgo } from "../../operations/spawn-bgo.ts";
import type { SpawnRequest } from "../../operations/spawn-request.ts";
import { refuseWhatIsNotHere } from "../../meta-tools/spawn-bgo.ts";
import {
  auditEntry,
  bgo,
  bgoQuery,
  cancelBody,
  cancelReceipt,
  rescheduleBody,
  scheduleReceipt,
  spawnBody,
  spawnReceipt,
  step,
  stepQuery,
} from "../contracts/bgo.ts";
import { pageOfSchema } from "../contracts/page.ts";
import { waitpoint } from "../contracts/waitpoint.ts";
import { idempotencyHeader } from "../contracts/idempotency.ts";
import { idempotencyKeyOf } from "../idempotency-key.ts";
import { createRoutes, json, type Routes, type ServerContext } from "../server-context.ts";
import { auditEntryView, bgoView, scheduleReceiptView, spawnReceiptView, stepView, waitpointView } from "../views.ts";

const params = z.object({ bgoId: z.string().max(64) });

const spawn = createRoute({
  method: "post",
  path: "/platos-tasks",
  request: { headers: idempotencyHeader, body: { ...json(spawnBody), required: true } },
  responses: {
    201: json(spawnReceipt, "the BGO and its first wake-up are committed"),
    200: json(spawnReceipt, "this key had made it before"),
  },
});

const list = createRoute({
  method: "get",
  path: "/platos-tasks",
  request: { query: bgoQuery },
  responses: { 200: json(pageOfSchema(bgo), "newest first") },
});

const get = createRoute({
  method: "get",
  path: "/platos-tasks/{bgoId}",
  request: { params },
  responses: { 200: json(bgo) },
});

const steps = createRoute({
  method: "get",
  path: "/platos-tasks/{bgoId}/steps",
  request: { params, query: stepQuery },
  responses: { 200: json(pageOfSchema(step), "the journal, oldest first") },
});

const audit = createRoute({
  method: "get",
  path: "/platos-tasks/{bgoId}/audit",
  request: { params },
  responses: { 200: json(pageOfSchema(auditEntry), "oldest first") },
});

const waits = createRoute({
  method: "get",
  path: "/platos-tasks/{bgoId}/waits",
  request: { params },
  responses: { 200: json(pageOfSchema(waitpoint), "what it waits and waited for, oldest first") },
});

const cancel = createRoute({
  method: "post",
  path: "/platos-tasks/{bgoId}/cancel",
  request: { params, body: json(cancelBody) },
  responses: { 200: json(cancelReceipt, "what really happened") },
});

const runNow = createRoute({
  method: "post",
  path: "/platos-tasks/{bgoId}/run-now",
  request: { params },
  responses: { 200: json(scheduleReceipt, "it is queued; 409 when it was not scheduled any more") },
});

const reschedule = createRoute({
  method: "post",
  path: "/platos-tasks/{bgoId}/reschedule",
  request: { params, body: { ...json(rescheduleBody), required: true } },
  responses: { 200: json(scheduleReceipt, "its new time; 409 when it was not scheduled any more") },
});

const auditLimit = 500;

export function platosTaskRoutes({ runtime, links }: ServerContext): Routes {
  const { operations } = runtime;
  const routes = createRoutes();
  routes.openapi(spawn, async (c) => {
    const body = c.req.valid("json");
    const request = { ...spawnRequestOf(body), ...idempotencyKeyOf(c, body.idempotencyKey) };
    const result = await spawnBgo(operations, c.var.principal, request);
    if (result.deduplicated) c.header("idempotency-replayed", "true");
    return c.json(spawnReceiptView(result), result.deduplicated ? 200 : 201);
  });
  routes.openapi(list, async (c) => {
    const { limit, cursor, status, thread, agent, q, since } = c.req.valid("query");
    const { scope } = c.var.principal;
    const agentId = agent === undefined ? undefined : (await operations.store.autocommit.agents.find(scope, agent))?.id;
    if (agent !== undefined && agentId === undefined) throw agentNotFound(agent);
    const page = await listBgos(operations, c.var.principal, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(status === undefined ? {} : { statuses: status }),
      ...(thread === undefined ? {} : { threadId: thread }),
      ...(agentId === undefined ? {} : { agentId }),
      ...(q === undefined ? {} : { text: q }),
      ...(since === undefined ? {} : { since: new Date(since) }),
    });
    return c.json({ items: page.items.map(bgoView), nextCursor: page.nextCursor }, 200);
  });
  routes.openapi(get, async (c) => {
    const found = await getBgo(operations, c.var.principal, c.req.valid("param").bgoId);
    return c.json(bgoView(found), 200);
  });
  routes.openapi(steps, async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const found = await getBgo(operations, c.var.principal, c.req.valid("param").bgoId);
    const range = { afterStep: cursor, limit };
    const items = await operations.store.autocommit.journal.list(c.var.principal.scope, found.id, range);
    const last = items.at(-1);
    const nextCursor = last !== undefined && items.length === limit ? String(last.stepNo) : null;
    return c.json({ items: items.map(stepView), nextCursor }, 200);
  });
  routes.openapi(audit, async (c) => {
    const found = await getBgo(operations, c.var.principal, c.req.valid("param").bgoId);
    const items = await operations.store.autocommit.audit.list(c.var.principal.scope, found.id, auditLimit);
    return c.json({ items: items.map(auditEntryView), nextCursor: null }, 200);
  });
  routes.openapi(waits, async (c) => {
    const found = await getBgo(operations, c.var.principal, c.req.valid("param").bgoId);
    const items = await operations.store.autocommit.waitpoints.listOf(found.id);
    return c.json({ items: items.map((wait) => waitpointView(wait, links)), nextCursor: null }, 200);
  });
  routes.openapi(cancel, async (c) => {
    const { reason } = c.req.valid("json");
    const request = { bgoId: c.req.valid("param").bgoId, ...(reason === undefined ? {} : { reason }) };
    const { outcome } = await cancelBgo(operations, c.var.principal, request);
    return c.json({ outcome }, 200);
  });
  routes.openapi(runNow, async (c) => {
    const started = await runBgoNow(operations, c.var.principal, c.req.valid("param").bgoId);
    return c.json(scheduleReceiptView({ bgo: started, ranAtOnce: true }), 200);
  });
  routes.openapi(reschedule, async (c) => {
    const request = { bgoId: c.req.valid("param").bgoId, runAt: new Date(c.req.valid("json").runAt) };
    return c.json(scheduleReceiptView(await rescheduleBgo(operations, c.var.principal, request)), 200);
  });
  return routes;
}

function spawnRequestOf(body: z.infer<typeof spawnBody>): SpawnRequest {
  return {
    prompt: refuseWhatIsNotHere(body),
    ...(body.threadId === undefined ? {} : { threadId: body.threadId }),
    ...(body.agent === undefined ? {} : { agent: body.agent }),
    ...(body.tools === undefined ? {} : { tools: body.tools }),
    ...(body.budget === undefined ? {} : { budget: body.budget }),
    ...(body.label === undefined ? {} : { label: body.label }),
    ...(body.onComplete === undefined ? {} : { onComplete: body.onComplete }),
    ...(body.runAt === undefined ? {} : { runAt: new Date(body.runAt) }),
  };
}
