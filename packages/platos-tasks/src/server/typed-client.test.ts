import { createClient, PlatosApiError, type PlatosClient, type PlatosEvent } from "@platos-tasks/client";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Runtime } from "../runtime.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { eventually, openTestRuntime } from "../testing/test-runtime.ts";
import { createTestTenantWithKey, startTestServer, type TestServer } from "../testing/test-server.ts";

let database: TestDatabase;
let runtime: Runtime;
let server: TestServer;
let client: PlatosClient;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  runtime = await openTestRuntime({ connectionString: database.connectionString });
  server = await startTestServer(runtime);
  const tenant = await createTestTenantWithKey(runtime, server);
  client = createClient({ baseUrl: server.url, apiKey: tenant.key });
  await runtime.startWorker();
});

afterAll(async () => {
  await server.close();
  await runtime.stop({ graceMs: 1000 });
  await database.drop();
});

test("an agent is made, talked to, and its BGO followed, all over HTTP with the typed client", async () => {
  verifies("P30", "P36", "P13");
  const agent = await client.agents.create({ slug: "helper", name: "Helper", model: "demo:scripted" });
  expect(agent).toMatchObject({ version: 1, metaTools: expect.arrayContaining(["spawn_bgo"]) });
  expect(await client.agents.update("helper", { name: "Helper 2" })).toMatchObject({ version: 2, name: "Helper 2" });
  const thread = await client.threads.create({ agent: "helper", title: "A try" });

  const events: PlatosEvent[] = [];
  const following = new AbortController();
  const followed = client.subscribe({
    topics: [`thread:${thread.id}`],
    after: (await client.session.get()).eventCursor,
    onEvent: (event) => events.push(event),
    signal: following.signal,
  });
  await client.threads.messages.create(thread.id, { text: "Please work for 3 steps" });
  const done = await eventually("the result in the open stream", async () =>
    events.find((event) => event.type === "message.created" && event.message.kind === "bgo_completed"),
  );
  following.abort();
  await followed;

  const bgoId = done.type === "message.created" ? (done.message.bgoId ?? "") : "";
  const bgo = await client.bgos.get(bgoId);
  expect(bgo).toMatchObject({ status: "completed", threadId: thread.id, attempt: 1 });
  expect((await client.bgos.list({ status: ["completed"], thread: thread.id })).items).toEqual([bgo]);
  const steps = await client.bgos.steps(bgoId);
  expect(steps.items.map((step) => step.stepNo)).toEqual(steps.items.map((_step, index) => index));
  const [first, ...rest] = steps.items;
  const page = await client.bgos.steps(bgoId, { limit: 1 });
  expect(page.items).toEqual([first]);
  expect((await client.bgos.steps(bgoId, { cursor: page.nextCursor ?? "" })).items).toEqual(rest);
  const audit = await client.bgos.audit(bgoId);
  expect(audit.items.map((entry) => entry.action)).toEqual(["bgo.spawned", "bgo.running", "bgo.completed"]);
  expect(await client.bgos.cancel(bgoId)).toEqual({ outcome: "already_completed" });
  expect(events.some((event) => event.type === "message.delta")).toBe(true);
  await client.threads.delete(thread.id);
  await expect(client.threads.get(thread.id)).rejects.toThrow(PlatosApiError);
});

test("a schedule is made, looked at, paused, resumed and cancelled, all over HTTP with the typed client", async () => {
  verifies("P20.d", "P30", "P36");
  const agent = await client.agents.create({ slug: "repeater", name: "Repeater", model: "demo:scripted" });
  const rule = { cron: "30 9 * * 1-5", timeZone: "Asia/Tokyo" };
  const policies = { overlap: "queue", missed: "all", maxMissed: 7, jitterSeconds: 5 } as const;
  const made = await client.schedules.create({
    agent: "repeater",
    prompt: "digest",
    label: "digest",
    ...rule,
    ...policies,
  });
  expect(made).toMatchObject({
    status: "active",
    reason: null,
    agentId: agent.id,
    tools: null,
    recentFires: [],
    rev: 1,
  });
  expect(made).toMatchObject({ ...rule, prompt: "digest", label: "digest", onComplete: "message", ...policies });
  expect(made.nextFires).toHaveLength(5);
  expect(made.nextFires.every((at) => at.endsWith("T00:30:00.000Z"))).toBe(true);
  expect(await client.schedules.get(made.id)).toEqual(made);
  expect((await client.schedules.list({ agent: "repeater", status: ["active"] })).items).toEqual([made]);
  expect(await client.schedules.pause(made.id)).toMatchObject({ status: "paused", nextFires: [], rev: 2 });
  expect((await client.schedules.list({ thread: made.threadId, status: ["active"] })).items).toEqual([]);
  expect(await client.schedules.resume(made.id)).toMatchObject({ status: "active", nextFires: made.nextFires });
  const cancelled = await client.schedules.cancel(made.id, { reason: "no need" });
  expect(cancelled).toMatchObject({ outcome: "cancelled", schedule: { status: "cancelled", reason: "no need" } });
  expect(await client.schedules.cancel(made.id)).toMatchObject({ outcome: "already_cancelled" });
  await expect(client.schedules.resume(made.id)).rejects.toMatchObject({ status: 409, code: "schedule.cancelled" });
});

test("a schedule fires by itself, and its result arrives in its thread", async () => {
  verifies("P20", "P12");
  await client.agents.create({ slug: "firing", name: "Firing", model: "demo:scripted" });
  const { id, threadId } = await client.schedules.create({
    agent: "firing",
    prompt: "work for 1 step",
    cron: "0 0 1 1 *",
  });
  await database.query(
    `update platos.schedules set decided_through = decided_through - interval '366 days',
       next_fire_at = now(), wake_at = now() where id = $1`,
    [id],
  );
  const message = await eventually("the result of the fire", async () =>
    (await client.threads.messages.list(threadId)).items.find(({ terminal }) => terminal),
  );
  const { recentFires } = await client.schedules.get(id);
  expect(recentFires).toMatchObject([{ outcome: "spawned", bgoId: message.bgoId, count: 1 }]);
  expect(await client.bgos.get(message.bgoId ?? "")).toMatchObject({ status: "completed", runAt: recentFires[0]?.at });
});

test("a schedule under a key is made once, and without a zone it is in UTC", async () => {
  const body = { agent: "firing", prompt: "p", cron: "0 12 * * *", idempotencyKey: "daily" };
  const made = await client.schedules.create(body);
  expect(made).toMatchObject({ timeZone: "UTC", overlap: "skip", missed: "one", maxMissed: 100, jitterSeconds: 0 });
  expect((await client.schedules.create(body)).id).toBe(made.id);
  const other = client.schedules.create({ ...body, prompt: "q" });
  await expect(other).rejects.toMatchObject({ status: 409, code: "idempotency.conflict" });
});
