import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { nextYear } from "../testing/next-year.ts";
import { PlatosError } from "../core/errors.ts";
import { maxAttempts } from "../core/retry.ts";
import type { Engine } from "../core/ports/engine.ts";
import { faultyStore } from "../testing/faulty-store.ts";
import { noCompletion, useRuntime } from "../testing/runtime-fixture.ts";
import { ScheduleFixture } from "../testing/schedule-fixture.ts";
import { eventually } from "../testing/test-runtime.ts";
import { cancelBgo } from "./cancel-bgo.ts";
import { recoverLost } from "./recover-lost.ts";
import { retryBgo } from "./release-bgo.ts";
import { createToken } from "./waits/create-token.ts";
import { wakeDue } from "./wake-due.ts";

const fixture = useRuntime();

const far = nextYear();
const makeDue = (ids: readonly string[]) =>
  fixture.database.query("update platos.platos_tasks set wake_at = now() where id = any($1)", [ids]);
const jobs = (ownerId: string) =>
  fixture.database.query("select id from pgboss.job where data ->> 'ownerId' = $1", [ownerId]);

test("a scheduled BGO is queued when its time has come, and not before", async () => {
  verifies("P19");
  const bgo = await fixture.spawn({ runAt: far });
  await wakeDue(fixture.operations);
  expect((await fixture.bgo(bgo.id)).status).toBe("scheduled");
  expect(await jobs(bgo.id)).toEqual([]);
  await makeDue([bgo.id]);
  expect(await wakeDue(fixture.operations)).toBe(1);
  const queued = await fixture.bgo(bgo.id);
  expect(queued).toMatchObject({ status: "queued", runAt: far });
  expect(await jobs(bgo.id)).toEqual([{ id: queued.engineRunId }]);
  expect(await wakeDue(fixture.operations)).toBe(0);
});

test("however many are due at once and however many workers look, each is queued once", async () => {
  verifies("P19");
  const threads = await Promise.all(Array.from({ length: 5 }, () => fixture.newThread()));
  const bgos = await Promise.all(
    threads.flatMap((threadId) => Array.from({ length: 50 }, () => fixture.spawn({ threadId, runAt: far }))),
  );
  await makeDue(bgos.map(({ id }) => id));
  const woken = await Promise.all(Array.from({ length: 2 }, () => wakeDue(fixture.operations)));
  expect(woken.reduce((sum, count) => sum + count, 0)).toBe(250);
  for (const { id } of bgos) {
    expect((await fixture.bgo(id)).status).toBe("queued");
    expect(await jobs(id)).toHaveLength(1);
  }
});

test("a retry waits for its pause and then keeps its attempt", async () => {
  verifies("P9");
  const { id } = await fixture.spawn();
  const error = new PlatosError("model.failed", "overloaded", { retryable: true, retryAfterMs: 90_000 });
  await retryBgo(fixture.operations, (await fixture.claim(id)).bgo, { error, complete: noCompletion });
  expect(await fixture.bgo(id)).toMatchObject({
    status: "queued",
    engineRunId: null,
    attempt: 2,
    reason: expect.stringMatching(/^attempt 2 in \d+ s, after: overloaded$/u),
  });
  const [wait] = await fixture.database.query<{ seconds: number }>(
    "select extract(epoch from wake_at - moved_at)::float8 as seconds from platos.platos_tasks where id = $1",
    [id],
  );
  // What the provider asked for, and up to half as long again.
  expect(wait?.seconds).toBeGreaterThanOrEqual(90);
  expect(wait?.seconds).toBeLessThanOrEqual(135);
  await wakeDue(fixture.operations);
  expect((await fixture.bgo(id)).engineRunId).toBeNull();
  await makeDue([id]);
  await wakeDue(fixture.operations);
  expect((await fixture.claim(id)).bgo).toMatchObject({ attempt: 2, crashes: 0, epoch: 2 });
  expect(maxAttempts).toBeGreaterThan(2);
});

const lose = (segmentId: string | null) => fixture.database.query("delete from pgboss.job where id = $1", [segmentId]);

test("a segment that the engine has lost is replaced, a queued or running one is left alone", async () => {
  verifies("P8");
  const [lost, running, queued] = [await fixture.spawn(), await fixture.spawn(), await fixture.spawn()];
  await fixture.claim(running.id);
  await lose(lost.engineRunId);
  expect(await recoverLost(fixture.operations)).toBe(0);
  await fixture.database.query("update platos.platos_tasks set moved_at = now() - interval '1 hour'");
  let recovered = 0;
  // The test before has left a queue in which most segments only wait: the lost one is not hidden behind them.
  await eventually("the lost one to be found", async () => {
    const counts = await Promise.all([recoverLost(fixture.operations), recoverLost(fixture.operations)]);
    recovered += counts.reduce((sum, count) => sum + count, 0);
    return recovered > 0;
  });
  expect(recovered).toBe(1);
  const after = await fixture.bgo(lost.id);
  expect(after.engineRunId).not.toBe(lost.engineRunId);
  expect(await jobs(lost.id)).toEqual([{ id: after.engineRunId }]);
  expect((await fixture.bgo(running.id)).engineRunId).toBe(running.engineRunId);
  expect((await fixture.bgo(queued.id)).engineRunId).toBe(queued.engineRunId);
});

test("an end that comes while the recovery looks is not disturbed by it", async () => {
  const bgo = await fixture.spawn();
  await lose(bgo.engineRunId);
  await fixture.database.query("update platos.platos_tasks set moved_at = now() - interval '1 hour' where id = $1", [
    bgo.id,
  ]);
  const engine = Object.create(fixture.operations.engine) as Engine;
  engine.describe = async (segment) => {
    if (segment.ownerId === bgo.id) await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
    return { segmentId: segment.id, state: segment.ownerId === bgo.id ? "lost" : "queued" };
  };
  await fixture.database.query("update platos.platos_tasks set moved_at = now() where id <> $1", [bgo.id]);
  expect(await recoverLost({ ...fixture.operations, engine })).toBe(0);
  expect(await fixture.bgo(bgo.id)).toMatchObject({ status: "cancelled", engineRunId: null });
});

test("of two recoveries that look at one lost segment, one replaces it", async () => {
  const bgo = await fixture.spawn();
  await lose(bgo.engineRunId);
  const ageText = "update platos.platos_tasks set moved_at = now() - interval '1 hour' where id = $1";
  await fixture.database.query(ageText, [bgo.id]);
  let replacedBy: string | null = null;
  const engine = Object.create(fixture.operations.engine) as Engine;
  engine.describe = async (segment) => {
    if (segment.ownerId !== bgo.id) return { segmentId: segment.id, state: "queued" };
    expect(await recoverLost(fixture.operations)).toBe(1);
    replacedBy = (await fixture.bgo(bgo.id)).engineRunId;
    return { segmentId: segment.id, state: "lost" };
  };
  expect(await recoverLost({ ...fixture.operations, engine })).toBe(0);
  expect((await fixture.bgo(bgo.id)).engineRunId).toBe(replacedBy);
  expect(await jobs(bgo.id)).toEqual([{ id: replacedBy }]);
});

test("a wait that somebody holds up keeps no schedule from firing", async () => {
  const schedules = new ScheduleFixture(fixture);
  const schedule = await schedules.create();
  const token = await createToken(fixture.operations, fixture.caller, {
    question: "Anybody?",
    schema: null,
    signature: null,
    timeoutSeconds: 60,
  });
  await fixture.database.query("update platos.waitpoints set due_at = now() where id = $1", [token.id]);
  await schedules.pass(schedule, "1 hour");
  const store = faultyStore(fixture.operations.store, {
    beforeCommit: async (name) => {
      if (name === "expire wait")
        throw new PlatosError("store.unavailable", "It waits for a lock.", { retryable: true });
    },
  });
  await expect(wakeDue({ ...fixture.operations, store })).rejects.toThrow("It waits for a lock.");
  expect(await schedules.fires(schedule)).toMatchObject([{ outcome: "spawned" }]);
});
