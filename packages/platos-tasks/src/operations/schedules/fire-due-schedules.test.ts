import { expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import { maxCountedMissed } from "../../core/schedule.ts";
import type { Schedule } from "../../core/schedule.ts";
import { noCompletion, useRuntime } from "../../testing/runtime-fixture.ts";
import { hourlyRule, ScheduleFixture } from "../../testing/schedule-fixture.ts";
import { createTestAgent } from "../../testing/test-runtime.ts";
import { cancelBgo } from "../cancel-bgo.ts";
import { deleteThread } from "../delete-thread.ts";
import { finishBgo } from "../finish-bgo.ts";
import { cancelSchedule } from "./change-schedule.ts";
import { fireDueSchedules } from "./fire-due-schedules.ts";
import { getSchedule } from "./list-schedules.ts";
import { rescheduleBgo } from "../reschedule-bgo.ts";
import { wakeDue } from "../wake-due.ts";
import { releaseForgotten } from "./release-held.ts";

const fixture = useRuntime();
const schedules = new ScheduleFixture(fixture);

const isoOf = (dates: readonly Date[]): string[] => dates.map((at) => at.toISOString());
const bgosOf = async (schedule: Pick<Schedule, "id">): Promise<string[]> =>
  (await schedules.fires(schedule)).flatMap(({ bgoId }) => (bgoId === null ? [] : [bgoId]));
const statusesOf = async (ids: readonly string[]): Promise<string[]> =>
  Promise.all(ids.map(async (id) => (await fixture.bgo(id)).status));

async function fireOnce(schedule: Schedule): Promise<void> {
  await schedules.pass(schedule, "1 hour");
  await wakeDue(fixture.operations);
}

async function finish(bgoId: string): Promise<void> {
  const { bgo } = await fixture.claim(bgoId);
  const result = { status: "completed", output: "done" } as const;
  expect(await finishBgo(fixture.operations, bgo, { result, complete: noCompletion })).toBe(true);
}

test("a schedule fires when its instant has come and not before, with a BGO of its own in its thread", async () => {
  verifies("P20");
  const budget = { maxTurns: 3 };
  const schedule = await schedules.create({ label: "digest", budget, onComplete: "wake" });
  expect(await wakeDue(fixture.operations)).toBe(0);
  expect(await schedules.fires(schedule)).toEqual([]);
  await schedules.pass(schedule, "1 hour");
  expect(await wakeDue(fixture.operations)).toBe(1);
  const [fire, ...others] = await schedules.fires(schedule);
  expect(others).toEqual([]);
  const at = new Date((schedule.nextFireAt?.getTime() ?? 0) - 3_600_000);
  expect(fire).toMatchObject({ outcome: "spawned", at, through: at, count: 1, reason: null });
  const bgo = await fixture.bgo(fire?.bgoId ?? "");
  expect(bgo).toMatchObject({ status: "queued", threadId: schedule.threadId, label: "digest", runAt: at, depth: 1 });
  expect(bgo).toMatchObject({ budget, onComplete: "wake", prompt: "do it", idempotencyKey: null });
  expect(await wakeDue(fixture.operations)).toBe(0);
  const after = await getSchedule(fixture.operations, fixture.caller, schedule.id);
  expect(after).toMatchObject({ decidedThrough: at, nextFireAt: schedule.nextFireAt, rev: schedule.rev });
});

test("however many workers look at once, each fire has one BGO", async () => {
  verifies("P20");
  const all = await Promise.all(Array.from({ length: 40 }, () => schedules.create({ overlap: "parallel" })));
  const other = await fixture.openRuntime();
  for (let round = 1; round <= 3; round += 1) {
    for (const schedule of all) {
      await schedules.pass(schedule, "1 hour");
    }
    const workers = [fixture.operations, fixture.operations, other.operations, other.operations];
    const woken = await Promise.all(workers.map((worker) => wakeDue(worker)));
    expect(woken.reduce((sum, count) => sum + count, 0)).toBe(40);
    for (const schedule of all) expect(await schedules.outcomes(schedule)).toEqual(Array(round).fill("spawned"));
  }
});

test("asleep over three fires, a schedule that skips what was missed starts none, and says so", async () => {
  verifies("P20.c");
  const schedule = await schedules.create({ missed: "skip" });
  await schedules.pass(schedule, "3 hours");
  expect(await wakeDue(fixture.operations)).toBe(0);
  expect(await schedules.fires(schedule)).toMatchObject([
    { outcome: "missed", count: 3, bgoId: null, reason: "no worker was there in time" },
  ]);
  await fireOnce(schedule);
  // Half an hour late is missed, too.
  expect(await schedules.outcomes(schedule)).toEqual(["missed 3", "missed"]);
});

test("asleep over three fires, one BGO makes up for them, for the latest instant", async () => {
  verifies("P20.c");
  const schedule = await schedules.create({ missed: "one" });
  await schedules.pass(schedule, "3 hours");
  expect(await wakeDue(fixture.operations)).toBe(1);
  const [missed, fired, ...others] = await schedules.fires(schedule);
  expect(others).toEqual([]);
  expect(missed).toMatchObject({ outcome: "missed", count: 2, reason: "made up for by a later one" });
  expect(fired).toMatchObject({ outcome: "spawned", count: 1 });
  const last = schedule.nextFireAt?.getTime() ?? 0;
  expect([missed?.at, missed?.through, fired?.at].map((at) => (last - (at?.getTime() ?? 0)) / 3_600_000)).toEqual([
    3, 2, 1,
  ]);
});

test("asleep over three fires, each is made up for, up to a bound", async () => {
  verifies("P20.c");
  const [all, bounded] = await Promise.all([
    schedules.create({ missed: "all", overlap: "parallel" }),
    schedules.create({ missed: "all", overlap: "parallel", maxMissed: 2 }),
  ]);
  await schedules.pass(all, "3 hours");
  await schedules.pass(bounded, "5 hours");
  expect(await wakeDue(fixture.operations)).toBe(5);
  expect(await schedules.outcomes(all)).toEqual(["spawned", "spawned", "spawned"]);
  expect(await schedules.outcomes(bounded)).toEqual(["missed 3", "spawned", "spawned"]);
  const runAts = await Promise.all((await bgosOf(all)).map(async (id) => (await fixture.bgo(id)).runAt as Date));
  expect(isoOf(runAts)).toEqual(isoOf(runAts.toSorted((left, right) => left.getTime() - right.getTime())));
});

test("a fire that is less than a minute late is not missed", async () => {
  verifies("P20.c");
  const schedule = await schedules.create({ missed: "skip", cron: "* * * * *" });
  await schedules.pass(schedule, "1 minute");
  expect(await wakeDue(fixture.operations)).toBe(1);
  expect((await schedules.outcomes(schedule)).at(-1)).toBe("spawned");
});

test("of years of absence the missed are one record, and not counted to the last", async () => {
  verifies("P20.c");
  const schedule = await schedules.create({ missed: "one", cron: "* * * * *" });
  await schedules.pass(schedule, "3 years");
  expect(await wakeDue(fixture.operations)).toBe(1);
  const [missed, fired] = await schedules.fires(schedule);
  expect(missed).toMatchObject({ outcome: "missed", count: null });
  expect((missed?.through.getTime() ?? 0) - (missed?.at.getTime() ?? 0)).toBeGreaterThan(maxCountedMissed * 60_000);
  expect(fired?.outcome).toBe("spawned");
});

test("with overlap skip a fire is left out while a BGO of an earlier one is live", async () => {
  verifies("P20.a");
  const schedule = await schedules.create({ overlap: "skip" });
  for (let fires = 1; fires <= 3; fires += 1) await fireOnce(schedule);
  const [first = "", ...others] = await bgosOf(schedule);
  expect(others).toEqual([]);
  expect(await schedules.outcomes(schedule)).toEqual(["spawned", "skipped", "skipped"]);
  await finish(first);
  await fireOnce(schedule);
  expect((await schedules.outcomes(schedule)).at(-1)).toBe("spawned");
});

test("with overlap parallel every fire starts beside the earlier ones", async () => {
  verifies("P20.a");
  const schedule = await schedules.create({ overlap: "parallel" });
  for (let fires = 1; fires <= 3; fires += 1) await fireOnce(schedule);
  expect(await statusesOf(await bgosOf(schedule))).toEqual(["queued", "queued", "queued"]);
});

test("with overlap queue a fire waits for the one before it, and starts with its end", async () => {
  verifies("P20.a");
  const schedule = await schedules.create({ overlap: "queue" });
  for (let fires = 1; fires <= 4; fires += 1) await fireOnce(schedule);
  const [one = "", two = "", three = "", four = ""] = await bgosOf(schedule);
  const all = [one, two, three, four];
  expect(await statusesOf(all)).toEqual(["queued", "scheduled", "scheduled", "scheduled"]);
  expect((await fixture.bgo(two)).reason).toBe("waiting for the run before it to end");
  await wakeDue(fixture.operations);
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: two });
  expect(await statusesOf(all)).toEqual(["queued", "cancelled", "scheduled", "scheduled"]);
  await finish(one);
  expect(await statusesOf(all)).toEqual(["completed", "cancelled", "queued", "scheduled"]);
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: three });
  expect(await statusesOf(all)).toEqual(["completed", "cancelled", "cancelled", "queued"]);
  await finish(four);
  await fireOnce(schedule);
  expect(await statusesOf((await bgosOf(schedule)).slice(4))).toEqual(["queued"]);
});

test("a schedule that is cancelled takes along what it holds back, and nothing that has started", async () => {
  verifies("P20.a", "P12");
  const schedule = await schedules.create({ overlap: "queue" });
  for (let fires = 1; fires <= 3; fires += 1) await fireOnce(schedule);
  const all = await bgosOf(schedule);
  const [one = "", two = ""] = all;
  await cancelSchedule(fixture.operations, fixture.caller, { scheduleId: schedule.id });
  expect(await statusesOf(all)).toEqual(["queued", "cancelled", "cancelled"]);
  expect((await fixture.bgo(two)).reason).toBe("its schedule was cancelled");
  await finish(one);
  expect(await statusesOf(all)).toEqual(["completed", "cancelled", "cancelled"]);
  const kinds = (await fixture.messages(schedule.threadId)).map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(["bgo_cancelled", "bgo_cancelled", "bgo_completed"]);
});

test("what is held starts even when the one before it was moved away", async () => {
  verifies("P20.a");
  const schedule = await schedules.create({ overlap: "queue" });
  for (let fires = 1; fires <= 3; fires += 1) await fireOnce(schedule);
  const [one = "", two = "", three = ""] = await bgosOf(schedule);
  const later = new Date(Date.now() + 86_400_000);
  await rescheduleBgo(fixture.operations, fixture.caller, { bgoId: two, runAt: later });
  await finish(one);
  expect(await statusesOf([one, two, three])).toEqual(["completed", "scheduled", "queued"]);
  await finish(three);
  expect(await statusesOf([two])).toEqual(["scheduled"]);
});

test("what is held and was forgotten is started, one of a schedule at a time", async () => {
  verifies("P20.a");
  const schedule = await schedules.create({ overlap: "queue" });
  for (let fires = 1; fires <= 3; fires += 1) await fireOnce(schedule);
  const [one = "", two = "", three = ""] = await bgosOf(schedule);
  await fixture.database.query("update platos.platos_tasks set key_scope = key_scope || ' lost' where id = $1", [one]);
  expect(await releaseForgotten(fixture.operations)).toBe(1);
  expect(await statusesOf([two, three])).toEqual(["queued", "scheduled"]);
  expect(await releaseForgotten(fixture.operations)).toBe(0);
  await fixture.database.query("update platos.platos_tasks set key_scope = 'schedule:' || $2 where id = $1", [
    one,
    schedule.id,
  ]);
});

test("ends and fires that race leave nothing held for ever", async () => {
  verifies("P20.a");
  const all = await Promise.all(Array.from({ length: 10 }, () => schedules.create({ overlap: "queue" })));
  for (const schedule of all) await fireOnce(schedule);
  for (const schedule of all) {
    await schedules.pass(schedule, "1 hour");
  }
  const running = await Promise.all(all.map(async (schedule) => (await bgosOf(schedule))[0] ?? ""));
  const claimed = await Promise.all(running.map((id) => fixture.claim(id)));
  const result = { status: "completed", output: "done" } as const;
  await Promise.all([
    ...claimed.map(({ bgo }) => finishBgo(fixture.operations, bgo, { result, complete: noCompletion })),
    wakeDue(fixture.operations),
    wakeDue(fixture.operations),
  ]);
  for (const schedule of all) expect(await statusesOf(await bgosOf(schedule))).toEqual(["completed", "queued"]);
});

test("jitter keeps every fire of a schedule late by the same amount, within its bound", async () => {
  verifies("P20.g");
  const made = await Promise.all(Array.from({ length: 30 }, () => schedules.create({ jitterSeconds: 600 })));
  const delays = made.map(({ delayMs }) => delayMs);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...delays)).toBeLessThanOrEqual(600_000);
  expect(new Set(delays).size).toBeGreaterThan(20);
});

test("a fire is not due before its delay has passed", async () => {
  verifies("P20.g");
  // Its instant was one to two minutes ago.
  const cron = `${(new Date().getUTCMinutes() + 59) % 60} * * * *`;
  const [soon, later] = [await schedules.create({ cron }), await schedules.create({ cron })];
  for (const [schedule, delayMs] of [
    [soon, 30_000],
    [later, 600_000],
  ] as const) {
    await fixture.database.query(
      "update platos.schedules set delay_ms = $2::int, wake_at = next_fire_at + $2::int * interval '1 millisecond' where id = $1",
      [schedule.id, delayMs],
    );
    await schedules.pass(schedule, "1 hour");
  }
  expect(await wakeDue(fixture.operations)).toBe(1);
  expect(await schedules.outcomes(soon)).toEqual(["spawned"]);
  expect(await schedules.outcomes(later)).toEqual([]);
});

test("a schedule 60 days ahead fires when its day has come and not before", async () => {
  verifies("P20");
  const day = new Date(Date.now() + 60 * 86_400_000);
  const cron = `0 0 ${Math.min(day.getUTCDate(), 28)} ${day.getUTCMonth() + 1} *`;
  const schedule = await schedules.create({ cron });
  await schedules.pass(schedule, "50 days");
  expect(await wakeDue(fixture.operations)).toBe(0);
  expect(await schedules.fires(schedule)).toEqual([]);
  await schedules.pass(schedule, "315 days");
  expect(await wakeDue(fixture.operations)).toBe(1);
  expect(await schedules.outcomes(schedule)).toEqual(["spawned"]);
});

test("a time zone that changed its rules meanwhile moves the fire; none is made up", async () => {
  verifies("P20.b");
  const schedule = await schedules.create();
  await fixture.database.query(
    `update platos.schedules set next_fire_at = decided_through + interval '1 millisecond',
       wake_at = decided_through + interval '1 millisecond' where id = $1`,
    [schedule.id],
  );
  expect(await wakeDue(fixture.operations)).toBe(0);
  const after = await getSchedule(fixture.operations, fixture.caller, schedule.id);
  expect(after).toMatchObject({ status: "active", nextFireAt: schedule.nextFireAt, recentFires: [] });
});

test("a fire that its thread has no room for is refused on record, and the schedule goes on", async () => {
  verifies("P5");
  const schedule = await schedules.create({ overlap: "parallel" });
  await schedules.pass(schedule, "1 hour");
  const tight = { ...fixture.operations, caps: { ...fixture.operations.caps, maxLivePerThread: 0 } };
  expect(await fireDueSchedules(tight, await tight.store.autocommit.now())).toBe(0);
  expect(await schedules.fires(schedule)).toMatchObject([
    { outcome: "refused", bgoId: null, reason: expect.stringContaining("live BGOs") },
  ]);
  await fireOnce(schedule);
  expect(await schedules.outcomes(schedule)).toEqual(["refused", "spawned"]);
});

test("a fire whose tools the agent has lost is refused on record", async () => {
  const agent = await createTestAgent(fixture.runtime, fixture.caller, { slug: "tooled", tools: ["fetch_url"] });
  const schedule = await schedules.create({ threadId: await fixture.newThread(agent), tools: ["fetch_url"] });
  await fixture.operations.store.autocommit.agents.addVersion(fixture.caller.scope, agent.id, {
    ...agent,
    versionId: fixture.operations.identity.newId("agentVersion"),
    tools: [],
  });
  await fireOnce(schedule);
  expect(await schedules.fires(schedule)).toMatchObject([
    { outcome: "refused", reason: expect.stringContaining("no tool fetch_url") },
  ]);
});

test("a schedule whose thread was deleted ends with it", async () => {
  const schedule = await schedules.create();
  await deleteThread(fixture.operations, fixture.caller, schedule.threadId);
  await fireOnce(schedule);
  const after = await getSchedule(fixture.operations, fixture.caller, schedule.id);
  expect(after).toMatchObject({
    status: "cancelled",
    reason: "its thread was deleted",
    nextFires: [],
    recentFires: [],
  });
});

test("one that cannot be fired keeps no other one from firing, and is told of", async () => {
  const [broken, sound] = [await schedules.create(), await schedules.create()];
  await fixture.database.query("update platos.schedules set cron = 'nonsense' where id = $1", [broken.id]);
  await schedules.pass(broken, "2 hours");
  await schedules.pass(sound, "1 hour");
  await expect(wakeDue(fixture.operations)).rejects.toThrow(`${broken.id} could not be fired`);
  expect(await schedules.outcomes(sound)).toEqual(["spawned"]);
  const { cron } = hourlyRule();
  await fixture.database.query("update platos.schedules set cron = $2 where id = $1", [broken.id, cron]);
  await wakeDue(fixture.operations);
  expect(await schedules.outcomes(broken)).toEqual(["missed", "spawned"]);
});
