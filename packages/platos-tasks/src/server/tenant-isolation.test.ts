import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { createSchedule } from "../operations/schedules/create-schedule.ts";
import { spawnBgo } from "../operations/spawn-bgo.ts";
import type { Runtime } from "../runtime.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { createTestAgent, createTestThread, openTestRuntime } from "../testing/test-runtime.ts";
import {
  callServer,
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../testing/test-server.ts";

let database: TestDatabase;
let runtime: Runtime;
let server: TestServer;
let owner: TestTenant;
let stranger: TestTenant;
/** The owner's ids, by the name of the path parameter that takes them. */
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  runtime = await openTestRuntime({ connectionString: database.connectionString, env: { PLATOS_ROLE: "server" } });
  server = await startTestServer(runtime);
  owner = await createTestTenantWithKey(runtime, server);
  stranger = await createTestTenantWithKey(runtime, server);
  const agent = await createTestAgent(runtime, owner);
  await createTestAgent(runtime, stranger);
  const threadId = await createTestThread(runtime, owner, agent);
  const { bgo } = await spawnBgo(runtime.operations, owner, { threadId, prompt: "secret" });
  const content = new TextEncoder().encode("secret");
  const file = { threadId, bgoId: bgo.id, key: "k", name: "a.txt", mediaType: "text/plain", content };
  const artifact = await runtime.artifacts.save(owner.scope, file);
  const { body: token } = await owner.call("POST", "/api/v1/waitpoints", { question: "secret" });
  const rule = { cron: "0 9 * * *", timeZone: "Europe/Berlin" };
  const { schedule } = await createSchedule(runtime.operations, owner, { threadId, prompt: "secret", ...rule });
  const waitpointId = String(token["id"]);
  ids = { waitpointId, threadId, bgoId: bgo.id, artifactId: artifact.id, agent: agent.id, scheduleId: schedule.id };
});

afterAll(async () => {
  await server.close();
  await runtime.stop({ graceMs: 0 });
  await database.drop();
});

/** A body that each route takes; routes that are not named take none. */
const bodies: Readonly<Record<string, unknown>> = {
  "patch /api/v1/agents/{agent}": { name: "mine now" },
  "post /api/v1/threads/{threadId}/messages": { text: "hello" },
  "post /api/v1/platos-tasks/{bgoId}/cancel": {},
  "post /api/v1/waitpoints/{waitpointId}/complete": { value: 1 },
  "post /api/v1/waitpoints/{waitpointId}/fail": { reason: "because" },
  "post /api/v1/platos-tasks/{bgoId}/reschedule": { runAt: "2001-01-01T00:00:00Z" },
};

async function routesWithIds(): Promise<{ method: string; path: string }[]> {
  const { body } = await callServer(server, { method: "GET", path: "/openapi.json" });
  const paths = body["paths"] as Record<string, Record<string, unknown>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    // What a link opens, it opens for everybody; a chat that is not here is one that nobody writes in.
    path.startsWith("/api/") && path.includes("{") && !path.endsWith("/stream")
      ? Object.keys(methods).map((method) => ({ method, path }))
      : [],
  );
}

test("every route answers another tenant's id with 404, and the same words as an id that never was", async () => {
  verifies("S01", "P37");
  const routes = await routesWithIds();
  expect(routes.length).toBeGreaterThanOrEqual(10);
  for (const { method, path } of routes) {
    const body = bodies[`${method} ${path}`];
    const filled = path.replaceAll(/\{(\w+)\}/gu, (_whole, name: string) => {
      const id = ids[name];
      if (id === undefined) throw new Error(`The route ${path} takes {${name}}: give this test an id for it.`);
      return id;
    });
    const foreign = await stranger.call(method.toUpperCase(), filled, body);
    expect(foreign, `${method} ${path}`).toMatchObject({ status: 404 });
    expect(JSON.stringify(foreign.body)).not.toContain("secret");
    const verb = /\/(?:cancel|complete|fail|messages|pause|reschedule|resume|run-now)$/u;
    const own = await owner.call("GET", filled.replace(verb, ""));
    expect(own.status, `${path} is there for its owner`).toBe(200);
  }
});

test("the published description names every door, streams as well", async () => {
  verifies("P30");
  const { body } = await callServer(server, { method: "GET", path: "/openapi.json" });
  expect(body).toMatchObject({ openapi: "3.1.0" });
  expect(Object.keys(body["paths"] as object)).toEqual(
    expect.arrayContaining([
      "/api/v1/agents",
      "/api/v1/artifacts/{artifactId}",
      "/api/v1/chat",
      "/api/v1/events",
      "/api/v1/keys",
      "/api/v1/platos-tasks/{bgoId}/cancel",
      "/api/v1/platos-tasks/{bgoId}/waits",
      "/api/v1/schedules/{scheduleId}/pause",
      "/api/v1/threads/{threadId}/messages",
      "/api/v1/waitpoints/{waitpointId}/complete",
      "/hooks/{token}",
      "/w/{token}",
      "/readyz",
    ]),
  );
});

test("another tenant's chat is one in which nothing is being written", async () => {
  verifies("S01");
  for (const id of [ids["threadId"], "thr_nope"]) {
    expect((await stranger.call("GET", `/api/v1/chat/${id}/stream`)).status).toBe(204);
  }
});

test("ids in bodies and queries are no way around it", async () => {
  verifies("S01");
  const { threadId, agent } = ids;
  const spawn = (body: unknown) => stranger.call("POST", "/api/v1/platos-tasks", body);
  expect((await spawn({ threadId, prompt: "x" })).status).toBe(404);
  expect((await spawn({ agent, prompt: "x" })).status).toBe(404);
  expect((await stranger.call("POST", "/api/v1/threads", { agent })).status).toBe(404);
  const repeat = (body: object) =>
    stranger.call("POST", "/api/v1/schedules", { cron: "0 9 * * *", prompt: "x", ...body });
  expect((await repeat({ threadId })).status).toBe(404);
  expect((await repeat({ agent })).status).toBe(404);
  expect((await stranger.call("GET", `/api/v1/schedules?agent=${agent}`)).status).toBe(404);
  expect((await stranger.call("GET", `/api/v1/schedules?thread=${threadId}`)).body).toMatchObject({ items: [] });
  expect((await stranger.call("GET", `/api/v1/platos-tasks?agent=${agent}`)).status).toBe(404);
  const waits = await stranger.call("GET", `/api/v1/waitpoints?thread=${threadId}&bgo=${ids["bgoId"]}`);
  expect(waits.body).toMatchObject({ items: [] });
  expect((await stranger.call("GET", `/api/v1/platos-tasks?thread=${threadId}`)).body).toMatchObject({ items: [] });
  expect((await stranger.call("GET", `/api/v1/events?topics=thread:${threadId}`)).status).toBe(404);
  expect((await stranger.call("GET", `/api/v1/events?topics=bgo:${ids["bgoId"]}`)).status).toBe(404);
});

test("lists hold the caller's own rows only", async () => {
  verifies("P37");
  const lists = ["platos-tasks", "threads", "agents", "schedules", "waitpoints"].map((name) => `/api/v1/${name}`);
  for (const path of lists) {
    const { body } = await stranger.call("GET", path);
    expect(JSON.stringify(body)).not.toMatch(new RegExp(Object.values(ids).join("|"), "u"));
  }
});
