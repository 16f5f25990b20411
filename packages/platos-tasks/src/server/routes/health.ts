import { createRoute, z } from "@hono/zod-openapi";
import type { Readiness } from "@platos-tasks/client";
import { createRoutes, json, type Routes, type ServerContext } from "../server-context.ts";

const readiness = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().nullable() })).readonly(),
  })
  .openapi("Readiness");

const livez = createRoute({
  method: "get",
  path: "/livez",
  responses: { 200: { description: "the process answers" } },
});

const readyz = createRoute({
  method: "get",
  path: "/readyz",
  responses: { 200: json(readiness, "ready"), 503: json(readiness, "not ready") },
});

export function healthRoutes({ runtime }: ServerContext): Routes {
  const routes = createRoutes();
  routes.openapi(livez, (c) => c.text("ok", 200));
  routes.openapi(readyz, async (c) => {
    const database = await runtime.eventLog.head().then(
      () => true,
      () => false,
    );
    const detail = database ? null : "the database cannot be reached; it is tried again with every request";
    const view: Readiness = { ready: database, checks: [{ name: "database", ok: database, detail }] };
    if (database) return c.json(view, 200);
    c.header("retry-after", "2");
    return c.json(view, 503);
  });
  return routes;
}
