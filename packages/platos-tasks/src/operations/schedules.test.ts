import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Schedule, ScheduleFire } from "../core/schedule.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { createSchedule, type ScheduleRequest } from "./create-schedule.ts";
import { getSchedule } from "./list-schedules.ts";
import { wakeDue } from "./wake-due.ts";

const fixture = useRuntime();

async function schedule(request: Partial<ScheduleRequest> = {}): Promise<Schedule> {
  const threadId = request.threadId ?? (await fixture.newThread());
  const rule = { cron: "0 * * * *", timeZone: "UTC", prompt: "do it" };
  return (await createSchedule(fixture.operations, fixture.caller, { ...rule, ...request, threadId })).schedule;
}

test("a schedule fires once its time has come, with one BGO in its thread", async () => {
  verifies("P20");
  const made = await schedule();
  await wakeDue(fixture.operations);
  await fixture.database.query(
    "update platos.schedules set decided_through = decided_through - interval '1 hour', next_fire_at = next_fire_at - interval '1 hour', wake_at = wake_at - interval '1 hour' where id = $1",
    [made.id],
  );
  await Promise.all([wakeDue(fixture.operations), wakeDue(fixture.operations)]);
  const { recentFires } = await getSchedule(fixture.operations, fixture.caller, made.id);
  console.log(recentFires);
  expect(recentFires).toHaveLength(1);
});
