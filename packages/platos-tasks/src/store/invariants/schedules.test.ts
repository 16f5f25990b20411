import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../core/ports/log.ts";
import { wakeDue } from "../../operations/wake-due.ts";
import { useRuntime } from "../../testing/runtime-fixture.ts";
import { ScheduleFixture } from "../../testing/schedule-fixture.ts";
import { Database } from "../database.ts";
import { heldBgos } from "./held-bgos.ts";
import { scheduleFires } from "./schedule-fires.ts";

const fixture = useRuntime();
const schedules = new ScheduleFixture(fixture);

let database: Database;
/** Of a schedule with a missed row, a BGO at work and one that is held for it. */
let scheduleId = "";
let working = "";
let held = "";

beforeAll(async () => {
  const { connectionString } = fixture.database;
  database = new Database({ connectionString, poolSize: 2, log: silentLog });
  const schedule = await schedules.create({ overlap: "queue" });
  await schedules.pass(schedule, "3 hours");
  await wakeDue(fixture.operations);
  await schedules.pass(schedule, "1 hour");
  await wakeDue(fixture.operations);
  scheduleId = schedule.id;
  const bgos = (await schedules.fires(schedule)).flatMap(({ bgoId }) => bgoId ?? []);
  [working = "", held = ""] = bgos;
});

afterAll(() => database.close());

class RolledBack extends Error {}

/** What is said of the schedules after a statement, which is then undone; foreign keys and checks look away. */
async function violationsAfter(...texts: readonly string[]): Promise<readonly string[]> {
  const said: string[] = [];
  await database
    .transaction(async (tx) => {
      await tx.query("set local session_replication_role = replica");
      for (const text of texts) await tx.query(text);
      for (const invariant of [scheduleFires, heldBgos]) said.push(...(await invariant.violations(tx)));
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  return said;
}

test("nothing is said of schedules that fired as they should", async () => {
  expect(await violationsAfter()).toEqual([]);
});

test("I11, a BGO without its fire, and one that is another instant's", async () => {
  const lost = await violationsAfter(`delete from platos.schedule_fires where bgo_id = '${held}'`);
  expect(lost).toEqual([expect.stringContaining(`${held} is of ${scheduleId} at`)]);
  const moved = await violationsAfter(
    `update platos.platos_tasks set idempotency_key = '2001-01-01T00:00:00.000Z' where id = '${working}'`,
  );
  expect(moved).toEqual([expect.stringContaining("2001-01-01")]);
});

test("I11, a fire without its BGO", async () => {
  const found = await violationsAfter(`delete from platos.platos_tasks where id = '${held}'`);
  expect(found).toEqual([expect.stringContaining(`tells of ${held}`)]);
});

test("I11, an instant that was decided twice, before its time, or after what is decided", async () => {
  const twice = await violationsAfter(
    `update platos.schedule_fires set through = through + interval '1 hour' where schedule_id = '${scheduleId}' and outcome = 'missed'`,
  );
  expect(twice).toEqual([expect.stringContaining("more than once")]);
  const early = await violationsAfter(
    `update platos.schedule_fires set decided_at = fire_at - interval '1 minute' where bgo_id = '${held}'`,
  );
  expect(early).toEqual([expect.stringContaining("before its time")]);
  const ahead = await violationsAfter(
    `update platos.schedules set decided_through = decided_through - interval '1 minute' where id = '${scheduleId}'`,
  );
  expect(ahead).toEqual([expect.stringContaining("is decided through")]);
});

test("I11, a BGO that was there before its instant", async () => {
  const found = await violationsAfter(
    `update platos.platos_tasks set created_at = created_at - interval '1 day' where id = '${held}'`,
  );
  expect(found).toEqual([`${held} of ${scheduleId} began before its time`]);
});

test("I11, a BGO that is held for nothing", async () => {
  const found = await violationsAfter(
    `delete from platos.schedule_fires where bgo_id = '${working}'`,
    `delete from platos.platos_tasks where id = '${working}'`,
  );
  expect(found).toEqual([`${held} is held, and no BGO that would release it is at work`]);
});
