import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { nextYear } from "../testing/next-year.ts";
import { createTestAgent, createTestTenant, createTestThread } from "../testing/test-runtime.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { cancelBgo } from "./cancel-bgo.ts";
import { spawnBgo } from "./spawn-bgo.ts";
import type { SpawnRequest } from "./spawn-request.ts";

const fixture = useRuntime();
const callers = 20;

const spawn = (request: SpawnRequest) => spawnBgo(fixture.operations, fixture.caller, request);
const rowsIn = (threadId: string) =>
  fixture.database.query("select id from platos.platos_tasks where thread_id = $1", [threadId]);

test("a spawn answers with an id whose row, first wake-up, audit entry and event are committed", async () => {
  verifies("P1", "P18");
  const bgo = await fixture.spawn();
  expect(bgo).toMatchObject({ status: "queued", attempt: 1, epoch: 0, depth: 1, idempotencyKey: null });
  const job = await fixture.database.query("select state from pgboss.job where id = $1::uuid", [bgo.engineRunId]);
  expect(job).toEqual([{ state: "created" }]);
  expect(await fixture.audit(bgo.id)).toMatchObject([{ action: "bgo.spawned", actor: fixture.caller.actor }]);
  const events = await fixture.database.query("select type from platos.events where bgo_id = $1", [bgo.id]);
  expect(events).toEqual([{ type: "bgo.created" }]);
});

test("twenty callers with one key get one BGO, of which one is told that it is new", async () => {
  verifies("P3");
  const threadId = await fixture.newThread();
  const request = { threadId, prompt: "once", idempotencyKey: "k" };
  const results = await Promise.all(Array.from({ length: callers }, () => spawn(request)));
  expect(new Set(results.map(({ bgo }) => bgo.id)).size).toBe(1);
  expect(results.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
  expect(await rowsIn(threadId)).toHaveLength(1);
});

test("twenty callers with one key and no thread get one BGO in one new thread", async () => {
  verifies("P3");
  const agent = await createTestAgent(fixture.runtime, fixture.caller, { slug: "threadless" });
  const request = { agent: agent.slug, prompt: "once", idempotencyKey: "k" };
  const results = await Promise.all(Array.from({ length: callers }, () => spawn(request)));
  expect(new Set(results.map(({ bgo }) => bgo.id)).size).toBe(1);
  expect(results.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
  const threads = await fixture.database.query("select id from platos.threads where agent_id = $1", [agent.id]);
  expect(threads).toEqual([{ id: results[0]?.bgo.threadId }]);
});

const changes: readonly Partial<SpawnRequest>[] = [
  { prompt: "another prompt" },
  { label: "another label" },
  { budget: { maxTurns: 2 } },
  { tools: [] },
  { onComplete: "wake" },
  { runAt: nextYear() },
];
test.each(changes)("the same key with %j is refused as a conflict, and nothing is spawned", async (change) => {
  verifies("P3.a");
  const threadId = await fixture.newThread();
  const request = { threadId, prompt: "once", idempotencyKey: "k" };
  const { bgo } = await spawn(request);
  await expect(spawn({ ...request, ...change })).rejects.toMatchObject({
    code: "idempotency.conflict",
    message: expect.stringContaining(bgo.id),
  });
  expect(await rowsIn(threadId)).toHaveLength(1);
  expect(await spawn(request)).toMatchObject({ deduplicated: true, bgo: { id: bgo.id } });
});

test("the same key means another BGO in another thread, for another agent and in another environment", async () => {
  verifies("P3", "P37");
  const other = await createTestTenant(fixture.runtime);
  const otherAgent = await createTestAgent(fixture.runtime, other);
  const second = await createTestAgent(fixture.runtime, fixture.caller, { slug: "second" });
  const request = { prompt: "once", idempotencyKey: "shared" };
  const results = await Promise.all([
    spawn({ ...request, threadId: await fixture.newThread() }),
    spawn({ ...request, threadId: await fixture.newThread() }),
    spawn({ ...request, agent: fixture.agent.slug }),
    spawn({ ...request, agent: second.slug }),
    spawnBgo(fixture.operations, other, { ...request, agent: otherAgent.slug }),
    spawnBgo(fixture.operations, other, {
      ...request,
      threadId: await createTestThread(fixture.runtime, other, otherAgent),
    }),
  ]);
  expect(new Set(results.map(({ bgo }) => bgo.id)).size).toBe(6);
  expect(results.map(({ deduplicated }) => deduplicated)).toEqual(Array.from({ length: 6 }, () => false));
});

test("a call that is executed again under its derived key is the same BGO, also when it has ended", async () => {
  verifies("P2");
  const threadId = await fixture.newThread();
  const request = { threadId, prompt: "once", derivedKey: "hash of the call" };
  const results = await Promise.all(Array.from({ length: callers }, () => spawn(request)));
  const [id] = new Set(results.map(({ bgo }) => bgo.id));
  expect(await rowsIn(threadId)).toEqual([{ id }]);
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: id ?? "" });
  expect(await spawn(request)).toMatchObject({
    deduplicated: true,
    bgo: { id, status: "cancelled", idempotencyKey: null },
  });
});

test("calls without a key are as many BGOs", async () => {
  const threadId = await fixture.newThread();
  await Promise.all(Array.from({ length: 5 }, () => spawn({ threadId, prompt: "again" })));
  expect(await rowsIn(threadId)).toHaveLength(5);
});

test("ids of another environment are not found, in the words for ids that never were", async () => {
  verifies("P37");
  const other = await createTestTenant(fixture.runtime);
  const threadId = await fixture.newThread();
  for (const id of [threadId, "thr_0"]) {
    await expect(spawnBgo(fixture.operations, other, { threadId: id, prompt: "x" })).rejects.toMatchObject({
      code: "thread.not_found",
      message: expect.stringMatching(new RegExp(`^There is no thread ${id} here`, "u")),
    });
  }
  await expect(spawnBgo(fixture.operations, other, { agent: fixture.agent.id, prompt: "x" })).rejects.toMatchObject({
    code: "agent.not_found",
  });
});
