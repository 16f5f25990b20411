import type { Executor } from "../../store/database.ts";
import { activeStatusList } from "../../store/queries/active-statuses.ts";

/** BGOs and turns that have not ended, by what will make them go on. */
export interface OpenWork {
  readonly running: number;
  readonly due: number;
  readonly timed: number;
  /** Turns that wait for another one of their thread. */
  readonly behind: number;
  /** Due for longer than workers leave work lying. */
  readonly overdue: number;
}

const overdueSeconds = 60;

const text = `
  with open as (
    select status, segment_id, wake_at, moved_at from platos.platos_tasks
    where status in (${activeStatusList})
    union all
    select status, segment_id, wake_at, moved_at from platos.turns where status in ('queued', 'running')
  )
  select
    count(*) filter (where status = 'running')::int as running,
    count(*) filter (where status <> 'running' and segment_id is not null)::int as due,
    count(*) filter (where wake_at is not null)::int as timed,
    count(*) filter (where status <> 'running' and segment_id is null and wake_at is null)::int as behind,
    count(*) filter (
      where wake_at < now() - interval '${overdueSeconds} seconds'
        or status = 'queued' and segment_id is not null and moved_at < now() - interval '${overdueSeconds} seconds'
    )::int as overdue
  from open`;

export async function countOpenWork(database: Executor): Promise<OpenWork> {
  const { rows } = await database.query<OpenWork & Record<string, unknown>>(text);
  return rows[0] ?? { running: 0, due: 0, timed: 0, behind: 0, overdue: 0 };
}

/** One line. Throws when work has been lying about: then no worker takes it. */
export function openWorkText(work: OpenWork): string {
  const { running, due, timed, behind, overdue } = work;
  const counts = `${running} running, ${due} due, ${timed} on a timer, ${behind} behind another turn`;
  if (overdue === 0) return counts;
  throw new Error(
    `${counts}; ${overdue} should have begun over a minute ago. Is a worker running (platos dev or platos worker), and has it free slots (PLATOS_WORKER_CONCURRENCY)?`,
  );
}
