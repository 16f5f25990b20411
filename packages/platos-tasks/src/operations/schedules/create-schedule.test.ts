import { expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import { useRuntime } from "../../testing/runtime-fixture.ts";
import { hourlyRule, ScheduleFixture } from "../../testing/schedule-fixture.ts";
import { createTestAgent, createTestTenant } from "../../testing/test-runtime.ts";
import { cancelSchedule, pauseSchedule, resumeSchedule } from "./change-schedule.ts";
import type { Caller } from "../context.ts";
import { createSchedule, type ScheduleRequest } from "./create-schedule.ts";
import { getSchedule, listSchedules } from "./list-schedules.ts";
import { wakeDue } from "../wake-due.ts";

const fixture = useRuntime();
const schedules = new ScheduleFixture(fixture);

const create = (request: Partial<ScheduleRequest>, caller: Caller = fixture.caller) =>
  createSchedule(fixture.operations, caller, { ...hourlyRule(), prompt: "do it", ...request });
const auditOf = async (id: string): Promise<readonly string[]> => (await fixture.audit(id)).map(({ action }) => action);

test("a schedule shows its next five fires, and its creation is audited", async () => {
  verifies("P20.d", "P18");
  const schedule = await schedules.create({ cron: "0 9 * * 1", timeZone: "Europe/Berlin" });
  const { nextFires } = await getSchedule(fixture.operations, fixture.caller, schedule.id);
  expect(nextFires).toHaveLength(5);
  expect(nextFires[0]).toEqual(schedule.nextFireAt);
  const clock = { timeZone: "Europe/Berlin", weekday: "short", hour: "2-digit", minute: "2-digit" } as const;
  const shown = nextFires.map((at) => at.toLocaleTimeString("en-GB", clock));
  expect(shown).toEqual(Array(5).fill("Mon 09:00"));
  expect(nextFires.every((at) => at > new Date())).toBe(true);
  expect(await auditOf(schedule.id)).toEqual(["schedule.created"]);
});

test("without a thread one is made for the agent; without an agent either, the field is named", async () => {
  const { schedule } = await create({ agent: "assistant", label: "digest" });
  const thread = await fixture.operations.store.autocommit.threads.find(fixture.caller.scope, schedule.threadId);
  expect(thread).toMatchObject({ agentId: fixture.agent.id, title: "digest" });
  await expect(create({})).rejects.toMatchObject({ code: "input.invalid", issues: [{ path: "agent" }] });
});

test("a rule that is no rule is refused with its field, and nothing is made", async () => {
  verifies("P20.e");
  const before = await listSchedules(fixture.operations, fixture.caller, { limit: 100 });
  for (const [wrong, path] of [
    [{ cron: "0 9 * *" }, "cron"],
    [{ cron: "0 0 31 2 *" }, "cron"],
    [{ timeZone: "Mars/Base" }, "timeZone"],
  ] as const) {
    await expect(create({ agent: "assistant", ...wrong })).rejects.toMatchObject({
      code: "input.invalid",
      message: expect.stringContaining("such as") as string,
      issues: [{ path }],
    });
  }
  expect(await listSchedules(fixture.operations, fixture.caller, { limit: 100 })).toEqual(before);
});

test("with one key equal calls make one schedule, at once or later, and other arguments are a conflict", async () => {
  verifies("P2");
  const request = { agent: "assistant", idempotencyKey: "nightly" } as const;
  const made = await Promise.all(Array.from({ length: 5 }, () => create(request)));
  expect(new Set(made.map(({ schedule }) => schedule.id)).size).toBe(1);
  expect(made.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
  expect(await create(request)).toMatchObject({ deduplicated: true });
  await expect(create({ ...request, cron: "1 1 1 1 *" })).rejects.toMatchObject({ code: "idempotency.conflict" });
  const threads = await fixture.database.query("select id from platos.threads where id = any($1)", [
    made.map(({ schedule }) => schedule.threadId),
  ]);
  expect(threads).toHaveLength(1);
});

test("a paused schedule does not fire; resumed, it goes on with its next instant", async () => {
  verifies("P20.d");
  const schedule = await schedules.create();
  const paused = await pauseSchedule(fixture.operations, fixture.caller, schedule.id);
  expect(paused).toMatchObject({ status: "paused", nextFireAt: null, rev: 2 });
  expect(await pauseSchedule(fixture.operations, fixture.caller, schedule.id)).toEqual(paused);
  await schedules.pass(schedule, "3 hours");
  expect(await wakeDue(fixture.operations)).toBe(0);
  const shown = await getSchedule(fixture.operations, fixture.caller, schedule.id);
  expect(shown).toMatchObject({ nextFires: [], recentFires: [] });
  const resumed = await resumeSchedule(fixture.operations, fixture.caller, schedule.id);
  expect(resumed).toMatchObject({ status: "active", nextFireAt: schedule.nextFireAt, rev: 3 });
  expect(await resumeSchedule(fixture.operations, fixture.caller, schedule.id)).toEqual(resumed);
  // What passed meanwhile was nobody's.
  expect(await wakeDue(fixture.operations)).toBe(0);
  await schedules.pass(schedule, "1 hour");
  expect(await wakeDue(fixture.operations)).toBe(1);
  expect(await auditOf(schedule.id)).toEqual(["schedule.created", "schedule.paused", "schedule.resumed"]);
});

test("a cancelled schedule is over for good, and what it has fired goes on", async () => {
  verifies("P20.d");
  const schedule = await schedules.create();
  await schedules.pass(schedule, "1 hour");
  await wakeDue(fixture.operations);
  const cancel = { scheduleId: schedule.id, reason: "no need" };
  const { outcome } = await cancelSchedule(fixture.operations, fixture.caller, cancel);
  expect(outcome).toBe("cancelled");
  expect(await cancelSchedule(fixture.operations, fixture.caller, cancel)).toMatchObject({
    outcome: "already_cancelled",
    schedule: { status: "cancelled", reason: "no need", nextFireAt: null },
  });
  await schedules.pass(schedule, "1 hour");
  expect(await wakeDue(fixture.operations)).toBe(0);
  const [fire] = await schedules.fires(schedule);
  expect((await fixture.bgo(fire?.bgoId ?? "")).status).toBe("queued");
  for (const change of [pauseSchedule, resumeSchedule]) {
    const changing = change(fixture.operations, fixture.caller, schedule.id);
    await expect(changing).rejects.toMatchObject({ code: "schedule.cancelled" });
  }
  expect(await auditOf(schedule.id)).toEqual(["schedule.created", "schedule.cancelled"]);
});

test("a cancel that races a fire leaves it fired or cancelled, and never fires afterwards", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => schedules.create()));
  for (const schedule of all) await schedules.pass(schedule, "1 hour");
  await Promise.all([
    wakeDue(fixture.operations),
    ...all.map(({ id }) => cancelSchedule(fixture.operations, fixture.caller, { scheduleId: id })),
    wakeDue(fixture.operations),
  ]);
  for (const schedule of all) {
    expect((await getSchedule(fixture.operations, fixture.caller, schedule.id)).status).toBe("cancelled");
    expect((await schedules.outcomes(schedule)).length).toBeLessThanOrEqual(1);
  }
  expect(await wakeDue(fixture.operations)).toBe(0);
});

test("a thread may have so many schedules, paused ones too; cancelled ones make room", async () => {
  verifies("P5");
  const threadId = await fixture.newThread();
  const tight = { ...fixture.operations, caps: { ...fixture.operations.caps, maxSchedulesPerThread: 2 } };
  const make = async () =>
    (await createSchedule(tight, fixture.caller, { ...hourlyRule(), prompt: "p", threadId })).schedule;
  const [first, second] = [await make(), await make()];
  await pauseSchedule(fixture.operations, fixture.caller, first.id);
  await expect(make()).rejects.toMatchObject({ code: "schedule.cap_reached" });
  await cancelSchedule(fixture.operations, fixture.caller, { scheduleId: second.id });
  expect((await make()).status).toBe("active");
});

test("of calls that race for the last place in a thread one gets it", async () => {
  verifies("P5");
  const threadId = await fixture.newThread();
  const tight = { ...fixture.operations, caps: { ...fixture.operations.caps, maxSchedulesPerThread: 3 } };
  const made = await Promise.allSettled(
    Array.from({ length: 8 }, () => createSchedule(tight, fixture.caller, { ...hourlyRule(), prompt: "p", threadId })),
  );
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
});

test("an agent makes schedules in its own threads, with its own tools, and within its budget", async () => {
  verifies("P7");
  const agent = await createTestAgent(fixture.runtime, fixture.caller, { slug: "own", budget: { maxTurns: 4 } });
  const as: Caller = { scope: fixture.caller.scope, actor: { type: "agent", id: agent.id } };
  const foreign = create({ threadId: await fixture.newThread() }, as);
  await expect(foreign).rejects.toMatchObject({ code: "input.invalid", issues: [{ path: "threadId" }] });
  const threadId = await fixture.newThread(agent);
  await expect(create({ threadId, tools: ["fetch_url"] }, as)).rejects.toMatchObject({ code: "tool.not_found" });
  await expect(create({ threadId, depth: 9 }, as)).rejects.toMatchObject({ code: "bgo.cap_reached" });
  const { schedule } = await create({ threadId, depth: 2, budget: { maxTurns: 100 } }, as);
  await schedules.pass(schedule, "1 hour");
  await wakeDue(fixture.operations);
  const [fire] = await schedules.fires(schedule);
  expect(await fixture.bgo(fire?.bgoId ?? "")).toMatchObject({ depth: 2, budget: { maxTurns: 4 } });
});

test("another environment's schedules are not there", async () => {
  verifies("P37");
  const schedule = await schedules.create();
  const other = await createTestTenant(fixture.runtime);
  for (const look of [getSchedule, pauseSchedule, resumeSchedule]) {
    const looking = look(fixture.operations, other, schedule.id);
    await expect(looking).rejects.toMatchObject({ code: "schedule.not_found" });
  }
  const cancelling = cancelSchedule(fixture.operations, other, { scheduleId: schedule.id });
  await expect(cancelling).rejects.toMatchObject({ code: "schedule.not_found" });
  const odd = getSchedule(fixture.operations, fixture.caller, "sch_\0");
  await expect(odd).rejects.toMatchObject({ code: "schedule.not_found" });
  expect((await listSchedules(fixture.operations, other, { limit: 10 })).items).toEqual([]);
});

test("lists go from new to old, page by page, by status, thread and agent", async () => {
  const agent = await createTestAgent(fixture.runtime, fixture.caller, { slug: "lister" });
  const threadId = await fixture.newThread(agent);
  const made: string[] = [];
  for (let count = 0; count < 3; count += 1) made.push((await schedules.create({ threadId })).id);
  const [oldest = "", middle, newest] = made;
  await cancelSchedule(fixture.operations, fixture.caller, { scheduleId: oldest });
  const list = async (filter: object) => {
    const page = await listSchedules(fixture.operations, fixture.caller, { limit: 2, ...filter });
    return { ids: page.items.map(({ id }) => id), nextCursor: page.nextCursor };
  };
  const first = await list({ threadId });
  expect(first.ids).toEqual([newest, middle]);
  expect(await list({ threadId, cursor: first.nextCursor })).toEqual({ ids: [oldest], nextCursor: null });
  expect((await list({ agentId: agent.id, statuses: ["cancelled"] })).ids).toEqual([oldest]);
  expect((await list({ agentId: agent.id, statuses: ["active", "paused"] })).ids).toEqual([newest, middle]);
});
