import type { Database } from "../../packages/platos-tasks/src/store/database.ts";

/**
 * Does at once what the queue's supervisor does when the heartbeats of a worker have stayed away for the lease: what is
 * being worked on is free to be delivered again, and its holder is fenced off. Returns how many.
 */
export async function expireLeases(database: Database): Promise<number> {
  const { rowCount } = await database.query(
    `update pgboss.job set state = 'retry', heartbeat_on = null, start_after = now()
     where state = 'active' and name like 'platos%'`,
  );
  return rowCount ?? 0;
}

/** Brings what waits for its time, a schedule or a back-off, to its time. */
export async function passTime(database: Database): Promise<void> {
  await database.query(
    "update platos.platos_tasks set wake_at = now(), run_at = case when run_at > now() then now() else run_at end where wake_at > now()",
  );
  await database.query("update platos.turns set wake_at = now() where wake_at > now()");
  // What is to be answered waits for days.
  await database.query(
    `update platos.waitpoints set due_at = now()
     where status = 'open' and due_at > now() and due_at < now() + interval '1 hour'`,
  );
}

/** Whether somebody works on what somebody else had. */
export async function hasTakeover(database: Database): Promise<boolean> {
  const { rows } = await database.query(
    `select id from platos.platos_tasks where status = 'running' and epoch > 1
     union all select id from platos.turns where status = 'running' and epoch > 1 limit 1`,
  );
  return rows.length > 0;
}

/** What a BGO waits for, if it does: the one that is due last. */
export async function openWaitOf(database: Database, bgoId: string): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(
    "select id from platos.waitpoints where owner_id = $1 and status = 'open' order by due_at desc limit 1",
    [bgoId],
  );
  return rows[0]?.id ?? null;
}

/** Whether anything is left to do: a BGO or turn that has not ended, or a job that is not closed. */
export async function openWork(database: Database): Promise<readonly string[]> {
  const { rows } = await database.query<{ open: string }>(
    `select id || ' is ' || status || coalesce(', ' || reason, '') as open from platos.platos_tasks
       where status not in ('completed', 'failed', 'cancelled')
     union all select id || ' is ' || status from platos.turns where status in ('queued', 'running')
     union all select 'job ' || id || ' of ' || (data ->> 'ownerId') || ' is ' || state from pgboss.job
       where state < 'completed' and name like 'platos%'`,
  );
  return rows.map((row) => row.open);
}
