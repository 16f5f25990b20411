import { type Invariant, queryInvariant } from "./invariant.ts";

/** Workers give a lost segment to somebody else after a minute; until then it is on its way, not lost. */
const recoverySeconds = 150;

const lost = queryInvariant({
  id: "I5",
  sentence: "Every segment that a BGO or a turn names is held by the engine, or has been lost only just now.",
  text: `
    with open as (
      select id, status, segment_id, moved_at from platos.platos_tasks
      where segment_id is not null and engine = 'embedded'
      union all
      select id, status, segment_id, moved_at from platos.turns where segment_id is not null
    )
    select format('%s is %s, but the engine does not know its segment %s', open.id, open.status, open.segment_id)
      as violation
    from open
    where open.moved_at < now() - interval '${recoverySeconds} seconds'
      and not exists (
        select 1 from pgboss.job job
        where job.id = open.segment_id and job.state::text in ('created', 'retry', 'active')
          and job.data ->> 'ownerId' = open.id
      )`,
});

/** Says nothing where the embedded engine has never been installed. */
export const openSegments: Invariant = {
  ...lost,
  async violations(database) {
    const { rows } = await database.query<{ installed: boolean }>(
      "select to_regclass('pgboss.job') is not null as installed",
    );
    return rows[0]?.installed === true ? lost.violations(database) : [];
  },
};
