import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { startWaitingProcess } from "../contenders/start-waiting-process.ts";
import type { Benchmark } from "../harness/bench.ts";
import { figure } from "../harness/figure.ts";
import { progress } from "../harness/progress.ts";

const concurrency = 100;
const workers = 2;
const lookEveryMs = 200;
const aheadMs = 4000;

interface BurstRow {
  readonly early: number;
  readonly twice: number;
  readonly missing: number;
  readonly first_start_ms: number;
  readonly queued_ms: number;
  readonly last_start_ms: number;
  readonly finished_ms: number;
}

// A BGO that ran twice was claimed twice, or asked its model twice.
const resultText = `
  select count(*) filter (where b.started_at < b.run_at)::int as early,
    count(*) filter (where a.claims > 1 or b.model_calls > 1)::int as twice,
    count(*) filter (where b.status <> 'completed')::int as missing,
    extract(epoch from min(b.started_at - b.run_at))::float8 * 1000 as first_start_ms,
    extract(epoch from max(a.queued_at - b.run_at))::float8 * 1000 as queued_ms,
    extract(epoch from max(b.started_at - b.run_at))::float8 * 1000 as last_start_ms,
    extract(epoch from max(b.finished_at - b.run_at))::float8 * 1000 as finished_ms
  from platos.platos_tasks b
  cross join lateral (
    select count(*) filter (where action = 'bgo.running') as claims, max(at) filter (where action = 'bgo.queued') as queued_at
    from platos.audit_entries where target_id = b.id
  ) a`;

/** Many BGOs scheduled for one second, two workers: none may start early, none twice, all must end. */
export const scheduleBurst: Benchmark = {
  name: "schedule-burst",
  limitMs: 900_000,
  async run(bench) {
    const count = bench.count ?? (bench.quick ? 1000 : 10_000);
    const database = await bench.postgres.createDatabase();
    const client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    bench.atEnd(() => client.end());
    const server = await startWaitingProcess(bench, { role: "server", database, concurrency });
    progress(`schedule-burst: scheduling ${count}`);
    await server.ask({ do: "schedule", count });
    const started = Array.from({ length: workers }, () =>
      startWaitingProcess(bench, { role: "worker", database, concurrency }),
    );
    await Promise.all(started);
    progress(`schedule-burst: all of them are due at once, in ${aheadMs} ms`);
    await client.query("vacuum analyze");
    await client.query(
      `update platos.platos_tasks b set run_at = at.due, wake_at = at.due
       from (select now() + $1::float8 * interval '1 ms' as due) at`,
      [aheadMs],
    );
    while (await hasOpen(client)) await delay(lookEveryMs);
    const { rows } = await client.query<BurstRow>(resultText);
    const [row] = rows;
    if (row === undefined) throw new Error("Nothing was scheduled.");
    bench.report(
      figure("schedule-burst.early", row.early, "BGOs", { atMost: 0 }),
      figure("schedule-burst.twice", row.twice, "BGOs", { atMost: 0 }),
      figure("schedule-burst.missing", row.missing, "BGOs", { atMost: 0 }),
      figure("schedule-burst.first-start", row.first_start_ms, "ms"),
      figure("schedule-burst.all-queued", row.queued_ms / 1000, "s", { atMost: 10 }),
      figure("schedule-burst.last-start", row.last_start_ms / 1000, "s"),
      figure("schedule-burst.all-finished", row.finished_ms / 1000, "s"),
      figure("schedule-burst.bgos-per-s", count / (row.finished_ms / 1000), "1/s"),
    );
  },
};

async function hasOpen(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("select 1 from platos.platos_tasks where finished_at is null limit 1");
  return rows.length > 0;
}
