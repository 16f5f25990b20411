import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { nextYear } from "../testing/next-year.ts";
import { PlatosError } from "../core/errors.ts";
import { faultyStore, type StoreFaults } from "../testing/faulty-store.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { startTcpProxy } from "../testing/tcp-proxy.ts";
import { eventually, openTestRuntime } from "../testing/test-runtime.ts";
import type { OperationContext } from "./context.ts";
import { spawnBgo } from "./spawn-bgo.ts";

const fixture = useRuntime();

const away = () => new PlatosError("store.unavailable", "The database cannot be reached.", { retryable: true });
const unknown = () => new PlatosError("store.commit_unknown", "The connection was lost while committing.");

function broken(faults: StoreFaults): OperationContext {
  return { ...fixture.operations, store: faultyStore(fixture.operations.store, faults) };
}

const rowsIn = (threadId: string) =>
  fixture.database.query<{ id: string }>("select id from platos.platos_tasks where thread_id = $1", [threadId]);
const jobs = () => fixture.database.query("select id from pgboss.job");

test("a database that goes away before the commit is told, and leaves neither row nor job nor thread", async () => {
  verifies("P4");
  const threadId = await fixture.newThread();
  const before = await jobs();
  const ctx = broken({ beforeCommit: () => Promise.reject(away()) });
  await expect(spawnBgo(ctx, fixture.caller, { threadId, prompt: "p" })).rejects.toMatchObject({
    code: "store.unavailable",
    retryable: true,
  });
  await expect(spawnBgo(ctx, fixture.caller, { agent: fixture.agent.slug, prompt: "p" })).rejects.toBeDefined();
  expect(await rowsIn(threadId)).toEqual([]);
  expect(await jobs()).toEqual(before);
  expect(await fixture.database.query("select id from platos.threads where id <> $1", [threadId])).toEqual([]);
});

test("an engine that refuses is told, and leaves no row", async () => {
  verifies("P4");
  const threadId = await fixture.newThread();
  const engine = Object.create(fixture.operations.engine) as OperationContext["engine"];
  engine.enqueue = () => Promise.reject(away());
  const spawned = spawnBgo({ ...fixture.operations, engine }, fixture.caller, { threadId, prompt: "p" });
  await expect(spawned).rejects.toMatchObject({ code: "store.unavailable" });
  expect(await rowsIn(threadId)).toEqual([]);
});

test("a commit whose acknowledgement was lost is looked up, and its BGO given", async () => {
  verifies("P1", "P4");
  const ctx = broken({ afterCommit: async (name) => (name === "spawn" ? Promise.reject(unknown()) : undefined) });
  const threadId = await fixture.newThread();
  const { bgo, deduplicated } = await spawnBgo(ctx, fixture.caller, { threadId, prompt: "p" });
  expect(deduplicated).toBe(false);
  expect(await rowsIn(threadId)).toEqual([{ id: bgo.id }]);
  const withKey = { threadId, prompt: "p", idempotencyKey: "k" };
  const first = await spawnBgo(ctx, fixture.caller, withKey);
  // The lost answer may also have been that the key was known.
  const second = await spawnBgo(ctx, fixture.caller, withKey);
  expect([second.bgo.id, second.deduplicated]).toEqual([first.bgo.id, true]);
});

test("a commit that was lost with its connection is told as nothing spawned", async () => {
  verifies("P4");
  const ctx = broken({ beforeCommit: async (name) => (name === "spawn" ? Promise.reject(unknown()) : undefined) });
  const threadId = await fixture.newThread();
  await expect(spawnBgo(ctx, fixture.caller, { threadId, prompt: "p" })).rejects.toMatchObject({
    code: "store.unavailable",
    message: expect.stringContaining("nothing was spawned"),
  });
  expect(await rowsIn(threadId)).toEqual([]);
});

test.each([
  ["says so at once", 0, 10],
  ["does not even say so", 5000, 1],
])(
  "while the database stays away after a lost commit and %s, nobody is told that nothing was spawned, soon",
  async (_how, answerMs, most) => {
    verifies("P4");
    let isAway = false;
    let nowMs = 0;
    let lookUps = 0;
    const ctx = broken({
      async beforeCommit() {
        if (!isAway) return;
        nowMs += answerMs;
        lookUps += 1;
        throw away();
      },
      async afterCommit() {
        isAway = true;
        throw unknown();
      },
    });
    const clock = {
      now: () => new Date(nowMs),
      sleep: async (ms: number) => {
        nowMs += ms;
      },
    };
    const spawned = spawnBgo({ ...ctx, clock }, fixture.caller, { threadId: await fixture.newThread(), prompt: "p" });
    await expect(spawned).rejects.toMatchObject({ code: "store.commit_unknown" });
    expect(lookUps).toBe(most);
  },
);

test("a commit that is still under way when its connection is lost is waited for", async () => {
  verifies("P1", "P4");
  await fixture.database.query(`create function hold() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(42); return null; end $$`);
  await fixture.database.query(`create constraint trigger hold after insert on platos.platos_tasks
    deferrable initially deferred for each row when (new.prompt = 'held') execute function hold()`);
  const proxy = await startTcpProxy(fixture.database.connectionString);
  const remote = await openTestRuntime({ connectionString: proxy.url, tools: [] });
  const threadId = await fixture.newThread();
  const waiting = (times: number) =>
    eventually(`${times} to wait for a lock`, async () => {
      const text = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      return (await fixture.database.query(text)).length === times;
    });
  const spawned = await fixture.operations.store.transaction("holder", async (tx) => {
    await tx.executeSql("select pg_advisory_xact_lock(42)");
    const running = spawnBgo(remote.operations, fixture.caller, { threadId, prompt: "held" });
    await waiting(1);
    proxy.cut();
    proxy.mend();
    await Promise.race([waiting(2), running]);
    return { running };
  });
  const { bgo } = await spawned.running;
  expect(await rowsIn(threadId)).toEqual([{ id: bgo.id }]);
  await remote.stop({ graceMs: 0 });
  await proxy.close();
});

test("a burst right after the start is taken whole, although there are fewer connections than callers", async () => {
  verifies("P4");
  const fresh = await fixture.openRuntime();
  const threads = await Promise.all(Array.from({ length: 50 }, () => fixture.newThread()));
  const spawned = await Promise.all(
    threads.map((threadId) => spawnBgo(fresh.operations, fixture.caller, { threadId, prompt: "p" })),
  );
  expect(new Set(spawned.map(({ bgo }) => bgo.id)).size).toBe(50);
});

test("a runAt in the past is queued at once and says so, one in the future is not queued", async () => {
  verifies("P19");
  const threadId = await fixture.newThread();
  const past = { threadId, prompt: "p", runAt: new Date("2001-01-01") };
  expect(await spawnBgo(fixture.operations, fixture.caller, past)).toMatchObject({
    ranAtOnce: true,
    bgo: { status: "queued", runAt: past.runAt },
  });
  const runAt = nextYear();
  expect(await spawnBgo(fixture.operations, fixture.caller, { ...past, runAt })).toMatchObject({
    ranAtOnce: false,
    bgo: { status: "scheduled", engineRunId: null, runAt },
  });
});

test("a runAt more than ten years ahead is refused with the field it stands in, and nothing is spawned", async () => {
  verifies("P19");
  const threadId = await fixture.newThread();
  for (const runAt of [new Date(nextYear().getTime() + 10 * 365.25 * 86_400_000), new Date(8.64e15)]) {
    const spawned = spawnBgo(fixture.operations, fixture.caller, { threadId, prompt: "p", runAt });
    await expect(spawned).rejects.toMatchObject({ code: "input.invalid", issues: [{ path: "runAt" }] });
  }
  expect(await fixture.database.query("select id from platos.platos_tasks where thread_id = $1", [threadId])).toEqual(
    [],
  );
});

test("NUL bytes and lone surrogates in what is spawned are stored as replacement characters", async () => {
  verifies("R4");
  const nasty = "a\0b\ud800c";
  const bgo = await fixture.spawn({ prompt: nasty, label: nasty, idempotencyKey: nasty });
  expect(bgo).toMatchObject({ prompt: "a\ufffdb\ufffdc", label: "a\ufffdb\ufffdc" });
  const again = await fixture.spawn({ threadId: bgo.threadId, prompt: nasty, label: nasty, idempotencyKey: nasty });
  expect(again.id).toBe(bgo.id);
});

test.each(["threadId", "agent"])("a NUL byte in %s is an id that does not exist", async (field) => {
  verifies("R4");
  const spawned = spawnBgo(fixture.operations, fixture.caller, { prompt: "p", [field]: "x\0y" });
  await expect(spawned).rejects.toMatchObject({ code: expect.stringMatching(/^(thread|agent)\.not_found$/u) });
});
