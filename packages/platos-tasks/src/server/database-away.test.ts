import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { ModelPort } from "../core/ports/model.ts";
import type { Runtime } from "../runtime.ts";
import { startTcpProxy, type TcpProxy } from "../testing/tcp-proxy.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { createTestAgent, eventually, openTestRuntime } from "../testing/test-runtime.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestAnswer,
  type TestServer,
  type TestTenant,
} from "../testing/test-server.ts";

let database: TestDatabase;
let proxy: TcpProxy;
let runtime: Runtime;
let server: TestServer;
let tenant: TestTenant;
/** What happens inside the next model call. */
let duringCall: () => Promise<void> = async () => undefined;
let modelCalls = 0;

const model: ModelPort = {
  respond: async () => {
    modelCalls += 1;
    await duringCall();
    return {
      parts: [{ type: "text", text: "here I am" }],
      finishReason: "stop",
      usage: { inputTokens: 1, outputTokens: 1, costUsd: 0 },
      model: "test",
      durationMs: 1,
    };
  },
};

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  proxy = await startTcpProxy(database.connectionString);
  runtime = await openTestRuntime({ connectionString: proxy.url, model, tools: [] });
  server = await startTestServer(runtime);
  tenant = await createTestTenantWithKey(runtime, server);
  await createTestAgent(runtime, tenant);
  await runtime.startWorker();
});

afterAll(async () => {
  proxy.mend();
  await server.close();
  await runtime.stop({ graceMs: 0 });
  await proxy.close();
  await database.drop();
});

const tasks = "/api/v1/platos-tasks";

test("while the database is away every request says so, nothing is spawned, and it recovers by itself", async () => {
  verifies("R3", "P4");
  const body = { agent: "assistant", prompt: "not now", idempotencyKey: "away" };
  proxy.cut();
  const refused = await tenant.call("POST", tasks, body);
  expect(refused).toMatchObject({ status: 503, body: { code: "store.unavailable" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await tenant.call("GET", "/readyz")).toMatchObject({ status: 503, body: { ready: false } });
  expect((await tenant.call("GET", "/livez")).status).toBe(200);
  expect(await database.query("select id from platos.platos_tasks where idempotency_key = 'away'")).toEqual([]);
  proxy.mend();
  const again = await eventually("the server to recover", async () => {
    const answer = await tenant.call("POST", tasks, body);
    return answer.status === 201 ? answer : null;
  });
  expect(again.body).toMatchObject({ deduplicated: false });
  await completed(String(again.body["bgoId"]));
});

async function completed(bgoId: string): Promise<TestAnswer> {
  return eventually("the BGO to complete", async () => {
    const answer = await tenant.call("GET", `${tasks}/${bgoId}`);
    return answer.body["status"] === "completed" ? answer : null;
  });
}

test("a BGO whose database goes away in the middle of a model call goes on when it is back", async () => {
  verifies("P8");
  let isFirst = true;
  duringCall = async () => {
    if (!isFirst) return;
    isFirst = false;
    proxy.cut();
  };
  modelCalls = 0;
  const spawned = await tenant.call("POST", tasks, { agent: "assistant", prompt: "go on" });
  const path = `${tasks}/${String(spawned.body["bgoId"])}`;
  await eventually("the call in which the database goes away", async () => !isFirst);
  expect((await tenant.call("GET", path)).status).toBe(503);
  proxy.mend();
  const done = await completed(String(spawned.body["bgoId"]));
  expect(done.body).toMatchObject({ output: "here I am", attempt: 1 });
  // The first answer could not be recorded, so it was asked for once more.
  expect(modelCalls).toBe(2);
  const messages = await tenant.call("GET", `/api/v1/threads/${String(done.body["threadId"])}/messages`);
  expect(messages.body).toMatchObject({ items: [{ kind: "bgo_completed", terminal: true }] });
});
