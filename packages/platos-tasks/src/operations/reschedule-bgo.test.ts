import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { createBarrier } from "../testing/gate.ts";
import { nextYear } from "../testing/next-year.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { createTestTenant } from "../testing/test-runtime.ts";
import { cancelBgo } from "./cancel-bgo.ts";
import { rescheduleBgo, runBgoNow } from "./reschedule-bgo.ts";
import { wakeDue } from "./wake-due.ts";

const fixture = useRuntime();

const past = new Date("2001-01-01");
const races = 20;
const jobsOf = (bgoId: string) =>
  fixture.database.query("select id from pgboss.job where data->>'ownerId' = $1", [bgoId]);

test("a scheduled BGO that is run now is queued with one job, and its time does not start it again", async () => {
  verifies("P19.b");
  const { id } = await fixture.spawn({ runAt: nextYear() });
  const begun = await runBgoNow(fixture.operations, fixture.caller, id);
  expect(begun).toMatchObject({ status: "queued" });
  expect(begun.runAt?.getTime()).toBeLessThan(nextYear().getTime());
  await wakeDue(fixture.operations);
  expect(await jobsOf(id)).toHaveLength(1);
  expect((await fixture.audit(id)).map(({ action, actor }) => [action, actor.type])).toEqual([
    ["bgo.spawned", fixture.caller.actor.type],
    ["bgo.queued", fixture.caller.actor.type],
  ]);
});

test("a rescheduled BGO waits for its new time, and the audit says who moved it", async () => {
  verifies("P19.b", "P18");
  const { id } = await fixture.spawn({ runAt: nextYear() });
  const runAt = new Date(nextYear().getTime() - 86_400_000);
  expect(await rescheduleBgo(fixture.operations, fixture.caller, { bgoId: id, runAt })).toMatchObject({
    ranAtOnce: false,
    bgo: { status: "scheduled", runAt },
  });
  await wakeDue(fixture.operations);
  expect(await jobsOf(id)).toEqual([]);
  expect((await fixture.audit(id)).at(-1)).toMatchObject({
    action: "bgo.rescheduled",
    actor: fixture.caller.actor,
    details: { runAt: runAt.toISOString() },
  });
  await fixture.database.query("update platos.platos_tasks set wake_at = now(), run_at = now() where id = $1", [id]);
  await wakeDue(fixture.operations);
  expect(await fixture.bgo(id)).toMatchObject({ status: "queued" });
});

test("a new time in the past starts it at once and says so; one too far away is refused and changes nothing", async () => {
  verifies("P19.b");
  const { id } = await fixture.spawn({ runAt: nextYear() });
  const move = (runAt: Date) => rescheduleBgo(fixture.operations, fixture.caller, { bgoId: id, runAt });
  await expect(move(new Date(8.64e15))).rejects.toMatchObject({ code: "input.invalid", issues: [{ path: "runAt" }] });
  expect(await fixture.bgo(id)).toMatchObject({ status: "scheduled", runAt: nextYear() });
  expect(await move(past)).toMatchObject({ ranAtOnce: true, bgo: { status: "queued" } });
});

test("what has begun or ended, and what is another environment's, cannot be moved", async () => {
  verifies("P19.b", "S01");
  const stranger = await createTestTenant(fixture.runtime);
  const cancelled = await fixture.spawn({ runAt: nextYear() });
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: cancelled.id });
  const queued = await fixture.spawn();
  const foreign = await fixture.spawn({ runAt: nextYear() });
  for (const [caller, bgoId, code] of [
    [fixture.caller, cancelled.id, "bgo.not_scheduled"],
    [fixture.caller, queued.id, "bgo.not_scheduled"],
    [fixture.caller, "bgo_none", "bgo.not_found"],
    [stranger, foreign.id, "bgo.not_found"],
  ] as const) {
    await expect(runBgoNow(fixture.operations, caller, bgoId)).rejects.toMatchObject({ code });
    const moved = rescheduleBgo(fixture.operations, caller, { bgoId, runAt: nextYear() });
    await expect(moved).rejects.toMatchObject({ code });
  }
});

test("run now, reschedule, cancel and its own time race for it: it starts once or not at all", async () => {
  verifies("P19.b");
  for (let race = 0; race < races; race += 1) {
    const { id } = await fixture.spawn({ runAt: nextYear() });
    await fixture.database.query("update platos.platos_tasks set wake_at = now(), run_at = now() where id = $1", [id]);
    const arrive = createBarrier(4);
    const contenders: readonly (() => Promise<unknown>)[] = [
      () => runBgoNow(fixture.operations, fixture.caller, id),
      () => rescheduleBgo(fixture.operations, fixture.caller, { bgoId: id, runAt: past }),
      () => cancelBgo(fixture.operations, fixture.caller, { bgoId: id }),
      () => wakeDue(fixture.operations),
    ];
    const ends = await Promise.allSettled(contenders.map((contend) => arrive().then(contend)));
    const refused = ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as { code: string }).code] : []));
    expect(refused.every((code) => code === "bgo.not_scheduled")).toBe(true);
    expect((await fixture.bgo(id)).status).toBe("cancelled");
    const started = (await fixture.audit(id)).filter(({ action }) => action === "bgo.queued");
    expect(started.length).toBeLessThanOrEqual(1);
    expect(await jobsOf(id)).toHaveLength(started.length);
  }
});
