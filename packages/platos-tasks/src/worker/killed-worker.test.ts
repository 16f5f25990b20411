import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { cancelBgo } from "../operations/cancel-bgo.ts";
import { spawnBgo } from "../operations/spawn-bgo.ts";
import type { Caller } from "../operations/context.ts";
import type { Agent } from "../core/agent.ts";
import type { Runtime } from "../runtime.ts";
import { type OpenAiStub, startOpenAiStub } from "../testing/openai-stub.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
  eventually,
  openTestRuntime,
} from "../testing/test-runtime.ts";

const main = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const steps = 10;

let database: TestDatabase;
let runtime: Runtime;
let caller: Caller;
let agent: Agent;
let stub: OpenAiStub;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  // A process that only enqueues: the work is done by workers that can be killed.
  runtime = await openTestRuntime({ connectionString: database.connectionString, env: { PLATOS_ROLE: "server" } });
  caller = await createTestTenant(runtime);
  agent = await createTestAgent(runtime, caller, { model: "openai-compatible:steps" });
  stub = await startOpenAiStub({
    reply: ({ assistantTurns: done, messages }) => {
      if (messages.some(({ content }) => content === "come back later")) return { fault: "429", retryAfterMs: 4000 };
      if (messages.some(({ content }) => content === "think for long")) return { text: "thought", delayMs: 60_000 };
      if (done === steps - 1) return { text: "all ten steps are done" };
      return { toolCalls: [{ name: "report_progress", args: { message: `step ${done + 1}` } }], delayMs: 30 };
    },
  });
});

afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill("SIGKILL");
});

afterAll(async () => {
  await stub.close();
  await runtime.stop({ graceMs: 0 });
  await database.drop();
});

/** An error in a callback that nothing guards, as a tool may leave one behind. */
const unguarded = `process.on("SIGUSR2", () => setTimeout(() => { throw new Error("nobody catches this"); }));`;
const throwsWhenTold = `--import data:text/javascript,${encodeURIComponent(unguarded)}`;

function startWorker(env: Readonly<Record<string, string>> = {}): ChildProcess {
  const worker = spawn(process.execPath, ["--conditions=platos-source", main, "worker"], {
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: database.connectionString,
      OPENAI_COMPATIBLE_BASE_URL: stub.baseUrl,
      PLATOS_LOG_LEVEL: "silent",
      ...env,
    },
    stdio: "ignore",
  });
  workers.push(worker);
  return worker;
}

/** Makes the queue believe that the killed worker has been silent for longer than its lease. */
async function expireLeases(): Promise<void> {
  await database.query(
    "update pgboss.job set heartbeat_on = heartbeat_on - interval '1 minute' where state = 'active'",
  );
}

test("a BGO whose worker is killed in the middle finishes with one message and repeats no recorded model call", async () => {
  verifies("P8", "P8.a", "P12");
  const threadId = await createTestThread(runtime, caller, agent);
  const { bgo } = await spawnBgo(runtime.operations, caller, { threadId, prompt: "take ten steps" });
  const first = startWorker();
  await stub.received(5);
  first.kill("SIGKILL");
  const { store } = runtime.operations;
  const recorded = (await store.autocommit.bgos.find(caller.scope, bgo.id))?.modelCalls ?? 0;
  const askedBefore = stub.requests.length;
  expect(recorded).toBeGreaterThanOrEqual(4);
  expect(recorded).toBeLessThan(steps);

  startWorker();
  const done = await eventually("another worker to finish it", async () => {
    await expireLeases();
    const row = await store.autocommit.bgos.find(caller.scope, bgo.id);
    return row?.status === "completed" ? row : null;
  });
  expect(done).toMatchObject({ output: "all ten steps are done", modelCalls: steps, attempt: 1 });
  // What the first worker had recorded is not asked again; at most the call it died in is.
  expect(stub.requests.length - askedBefore).toBe(steps - recorded);
  const messages = await store.autocommit.messages.list(caller.scope, threadId, { afterSeq: 0, limit: 10 });
  expect(messages.filter((message) => message.terminal)).toHaveLength(1);
  const journal = await store.autocommit.journal.read(bgo);
  expect(journal.map((step) => step.stepNo)).toEqual(journal.map((_step, index) => index));
  expect(new Set(journal.map((step) => step.epoch)).size).toBe(2);
});

test("an error that nothing caught ends the worker as a crash, which is counted", async () => {
  verifies("P9");
  const threadId = await createTestThread(runtime, caller, agent);
  const asked = stub.requests.length;
  const { bgo } = await spawnBgo(runtime.operations, caller, { threadId, prompt: "think for long" });
  const worker = startWorker({ NODE_OPTIONS: throwsWhenTold });
  const exited = once(worker, "exit");
  await stub.received(asked + 1);
  worker.kill("SIGUSR2");
  expect(await exited).toEqual([1, null]);
  const { store, engine } = runtime.operations;
  // Given back in order it would be queued, and whoever kills workers this way would never be given up.
  const left = await store.autocommit.bgos.find(caller.scope, bgo.id);
  expect(left).toMatchObject({ status: "running", epoch: 1, engineRunId: bgo.engineRunId });
  const segment = { id: bgo.engineRunId ?? "", ownerId: bgo.id, ownerKind: "bgo" } as const;
  expect(await engine.describe(segment)).toMatchObject({ state: "active" });
});

test("a worker that was frozen through a cancel asks its model nothing more", async () => {
  verifies("P17");
  const threadId = await createTestThread(runtime, caller, agent);
  const asked = stub.requests.length;
  const { bgo } = await spawnBgo(runtime.operations, caller, { threadId, prompt: "come back later" });
  const worker = startWorker();
  await stub.received(asked + 1);
  // It waits for the time at which it may ask again, and is frozen past that.
  await delay(1500);
  worker.kill("SIGSTOP");
  // It is not told of the cancel either.
  await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like '%listener'",
  );
  await cancelBgo(runtime.operations, caller, { bgoId: bgo.id });
  // Longer than a worker trusts what it was told of its lease.
  await delay(6000);
  // What it asks the queue is answered late: until then it knows nothing.
  const holder = new pg.Client({ connectionString: database.connectionString });
  await holder.connect();
  await holder.query("begin");
  await holder.query("lock table pgboss.job in access exclusive mode");
  worker.kill("SIGCONT");
  await delay(1500);
  await holder.query("commit");
  await delay(500);
  await holder.end();
  const asksLater = stub.requests.filter(({ messages }) =>
    messages.some(({ content }) => content === "come back later"),
  );
  expect(asksLater).toHaveLength(1);
});
