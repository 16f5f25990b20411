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
