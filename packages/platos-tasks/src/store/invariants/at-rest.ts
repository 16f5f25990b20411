import { type Invariant, queryInvariant } from "./invariant.ts";

const rows = queryInvariant({
  id: "I18",
  sentence: "Nothing is running or due: every BGO and turn has ended, or waits for a time that has not come.",
  text: `
    select format('%s is %s: %s', id, status, coalesce(reason, 'no reason')) as violation
    from platos.platos_tasks
    where status in ('queued', 'running') or status in ('scheduled', 'waiting') and wake_at <= now()
    union all
    select format('%s is %s', id, status) from platos.turns where status in ('queued', 'running')`,
});

const jobs = queryInvariant({
  id: rows.id,
  sentence: rows.sentence,
  text: `
    select format('the queue still holds segment %s of %s', id, data ->> 'ownerId') as violation
    from pgboss.job where state::text in ('created', 'retry', 'active') and name in ('platos_bgo', 'platos_turn')`,
});

/** Holds only when the system has come to rest, so it is asked for by those who know that it has. */
export const atRest: Invariant = {
  ...rows,
  async violations(database) {
    const { rows: found } = await database.query<{ installed: boolean }>(
      "select to_regclass('pgboss.job') is not null as installed",
    );
    return [
      ...(await rows.violations(database)),
      ...(found[0]?.installed === true ? await jobs.violations(database) : []),
    ];
  },
};
