import { createRoute, z } from "@hono/zod-openapi";
import { withoutAbsent } from "../../core/without-absent.ts";
import { cancelSchedule, pauseSchedule, resumeSchedule } from "../../operations/schedules/change-schedule.ts";
import { createSchedule } from "../../operations/schedules/create-schedule.ts";
import { getSchedule, listSchedules, outlookOf } from "../../operations/schedules/list-schedules.ts";
import { agentNotFound } from "../../operations/not-found.ts";
import { pageOfSchema } from "../contracts/page.ts";
import { cancelScheduleReceipt, createScheduleBody, schedule, scheduleQuery } from "../contracts/schedule.ts";
import { idempotencyHeader } from "../contracts/idempotency.ts";
import { idempotencyKeyOf } from "../idempotency-key.ts";
import { scheduleView } from "../schedule-view.ts";
import { createRoutes, json, type Routes, type ServerContext } from "../server-context.ts";

const params = z.object({ scheduleId: z.string().max(64) });

const create = createRoute({
  method: "post",
  path: "/schedules",
  request: { headers: idempotencyHeader, body: { ...json(createScheduleBody), required: true } },
  responses: {
    201: json(schedule, "it is committed and fires by itself"),
    200: json(schedule, "this key had made it before"),
  },
});

const list = createRoute({
  method: "get",
  path: "/schedules",
  request: { query: scheduleQuery },
  responses: { 200: json(pageOfSchema(schedule), "newest first") },
});

const get = createRoute({
  method: "get",
  path: "/schedules/{scheduleId}",
  request: { params },
  responses: { 200: json(schedule) },
});

const pause = createRoute({
  method: "post",
  path: "/schedules/{scheduleId}/pause",
  request: { params },
  responses: { 200: json(schedule, "it does not fire; 409 when it is cancelled") },
});

const resume = createRoute({
  method: "post",
  path: "/schedules/{scheduleId}/resume",
  request: { params },
  responses: { 200: json(schedule, "it fires from its next instant on; 409 when it is cancelled") },
});

const cancel = createRoute({
  method: "delete",
  path: "/schedules/{scheduleId}",
  request: { params, query: z.object({ reason: z.string().max(500).optional() }) },
  responses: {
    200: json(
      cancelScheduleReceipt,
      "it never fires again; what has started goes on, what waited for that is cancelled",
    ),
  },
});

export function scheduleRoutes({ runtime }: ServerContext): Routes {
  const { operations } = runtime;
  const routes = createRoutes();
  routes.openapi(create, async (c) => {
    const body = c.req.valid("json");
    const request = { ...withoutAbsent(body), ...idempotencyKeyOf(c, body.idempotencyKey) };
    const made = await createSchedule(operations, c.var.principal, request);
    if (made.deduplicated) c.header("idempotency-replayed", "true");
    const view = scheduleView(await outlookOf(operations, c.var.principal, made.schedule));
    return c.json(view, made.deduplicated ? 200 : 201);
  });
  routes.openapi(list, async (c) => {
    const { limit, cursor, status, thread, agent } = c.req.valid("query");
    const { scope } = c.var.principal;
    const agentId = agent === undefined ? undefined : (await operations.store.autocommit.agents.find(scope, agent))?.id;
    if (agent !== undefined && agentId === undefined) throw agentNotFound(agent);
    const page = await listSchedules(operations, c.var.principal, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(status === undefined ? {} : { statuses: status }),
      ...(thread === undefined ? {} : { threadId: thread }),
      ...(agentId === undefined ? {} : { agentId }),
    });
    return c.json({ items: page.items.map(scheduleView), nextCursor: page.nextCursor }, 200);
  });
  routes.openapi(get, async (c) => {
    const found = await getSchedule(operations, c.var.principal, c.req.valid("param").scheduleId);
    return c.json(scheduleView(found), 200);
  });
  routes.openapi(pause, async (c) => {
    const paused = await pauseSchedule(operations, c.var.principal, c.req.valid("param").scheduleId);
    return c.json(scheduleView(await outlookOf(operations, c.var.principal, paused)), 200);
  });
  routes.openapi(resume, async (c) => {
    const resumed = await resumeSchedule(operations, c.var.principal, c.req.valid("param").scheduleId);
    return c.json(scheduleView(await outlookOf(operations, c.var.principal, resumed)), 200);
  });
  routes.openapi(cancel, async (c) => {
    const { reason } = c.req.valid("query");
    const request = { scheduleId: c.req.valid("param").scheduleId, ...(reason === undefined ? {} : { reason }) };
    const { outcome, schedule: ended } = await cancelSchedule(operations, c.var.principal, request);
    const view = scheduleView(await outlookOf(operations, c.var.principal, ended));
    return c.json({ outcome, schedule: view }, 200);
  });
  return routes;
}
