import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Agent } from "../core/agent.ts";
import type { ModelPort } from "../core/ports/model.ts";
import type { Runtime } from "../runtime.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
  eventually,
  openTestRuntime,
} from "../testing/test-runtime.ts";
import type { Caller } from "./context.ts";
import { spawnBgo } from "./spawn-bgo.ts";

const model: ModelPort = {
  respond: async () => ({
    parts: [{ type: "text", text: "done" }],
    finishReason: "stop",
    usage: { inputTokens: 3, outputTokens: 2, costUsd: 0 },
    model: "test",
    durationMs: 1,
  }),
};

let database: TestDatabase;
let runtime: Runtime;
let caller: Caller;
let agent: Agent;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  runtime = await openTestRuntime({ connectionString: database.connectionString, model, tools: [] });
  caller = await createTestTenant(runtime);
  agent = await createTestAgent(runtime, caller);
  await runtime.startWorker();
});

afterAll(async () => {
  await runtime.stop({ graceMs: 1000 });
  await database.drop();
});

test("a spawned BGO runs and its result is one message of its thread", async () => {
  verifies("P1", "P12");
  const threadId = await createTestThread(runtime, caller, agent);
  const { bgo, deduplicated } = await spawnBgo(runtime.operations, caller, { threadId, prompt: "do it" });
  expect(deduplicated).toBe(false);
  const { store } = runtime.operations;
  const done = await eventually("the BGO to complete", async () => {
    const row = await store.autocommit.bgos.find(caller.scope, bgo.id);
    return row?.status === "completed" ? row : null;
  });
  expect(done).toMatchObject({ output: "done", attempt: 1, modelCalls: 1, engineRunId: null });
  const messages = await store.autocommit.messages.list(caller.scope, threadId, { afterSeq: 0, limit: 10 });
  expect(messages).toMatchObject([
    { seq: 1, kind: "bgo_completed", terminal: true, bgoId: bgo.id, authorAgentId: agent.id, parts: [{ text: "done" }] },
  ]);
});
