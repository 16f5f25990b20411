import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { nextYear } from "../testing/next-year.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { wakeDue } from "./wake-due.ts";

// Sealing and checking the audit of ten thousand BGOs would take longer than the test.
const fixture = useRuntime({ keepsInvariants: false });

test("ten thousand scheduled for one second are each handed over once, and none before it", async () => {
  verifies("P19.c");
  const runAt = nextYear();
  const threads = await Promise.all(Array.from({ length: 100 }, () => fixture.newThread()));
  const spawned = await Promise.all(threads.map((threadId) => fixture.spawn({ threadId, runAt })));
  await multiply(
    spawned.map(({ id }) => id),
    99,
  );
  expect(await wakeDue(fixture.operations)).toBe(0);
  await fixture.database.query("update platos.platos_tasks set wake_at = now()");
  const workers = [fixture.operations, (await fixture.openRuntime()).operations, fixture.operations];
  const woken = await Promise.all(workers.map((worker) => wakeDue(worker)));
  expect(woken.reduce((sum, count) => sum + count, 0)).toBe(10_000);
  const jobs = await fixture.database.query(
    `select count(*)::int as jobs, count(distinct b.id)::int as bgos, count(distinct entry.id)::int as entries
     from pgboss.job
     left join platos.platos_tasks b on b.segment_id = job.id and b.id = job.data ->> 'ownerId' and b.status = 'queued'
     left join platos.audit_entries entry on entry.target_id = b.id and entry.action = 'bgo.queued'
     where job.name = 'platos_bgo'`,
  );
  expect(jobs).toEqual([{ jobs: 10_000, bgos: 10_000, entries: 10_000 }]);
});

/** Makes so many copies of each BGO, with all that a spawn writes: spawning them takes longer than what is tested. */
async function multiply(ids: readonly string[], copies: number): Promise<void> {
  const columns = "org_id, project_id, env_id";
  const copied = (table: string): string => `from platos.${table} row cross join generate_series(1, ${copies}) copy`;
  await fixture.database.query(
    `with bgo as (
       insert into platos.platos_tasks select (jsonb_populate_record(row, jsonb_build_object(
         'id', row.id || '-' || copy, 'idempotency_key', row.id || '-' || copy))).*
       ${copied("platos_tasks")} where row.id = any($1)
     ), audit as (
       insert into platos.audit_entries (id, ${columns}, actor_type, actor_id, action, target_type, target_id, details)
       select row.id || '-' || copy, ${columns}, actor_type, actor_id, action, target_type, target_id || '-' || copy, details
       ${copied("audit_entries")} where target_id = any($1)
     )
     insert into platos.events (${columns}, type, thread_id, bgo_id)
     select ${columns}, type, thread_id, bgo_id || '-' || copy ${copied("events")} where bgo_id = any($1)`,
    [ids],
  );
}
