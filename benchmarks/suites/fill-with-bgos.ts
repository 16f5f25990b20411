import type pg from "pg";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";

// Nine of ten have ended, as in a system that has run for a while. Nothing of them is due, so no worker takes any.
const text = `
  insert into platos.platos_tasks (
    id, org_id, project_id, env_id, thread_id, agent_id, agent_version_id, depth, label, prompt, tools, budget,
    on_complete, status, segment_id, wake_at, run_at, key_scope, idempotency_key, key_is_derived, args_hash, engine,
    output, created_at, started_at, finished_at
  )
  select 'bgo_fill' || lpad(n::text, 18, '0'), $1, $2, $3, ($4::text[])[1 + n % cardinality($4::text[])], $5,
    (select id from platos.agent_versions where agent_id = $5 limit 1), 1,
    'Report ' || n % 1000, 'Write report ' || n % 1000 || ' about ' || md5(n::text) || ' ' || md5((n * 7)::text),
    array['fetch_url', 'render_pdf'], '{}', 'message', status,
    case when status = 'running' then gen_random_uuid() end,
    case when status = 'scheduled' then now() + interval '1 year' end,
    case when status = 'scheduled' then now() + interval '1 year' end,
    'none', 'fill' || n, true, md5(n::text), 'embedded',
    case when status = 'completed' then to_jsonb(md5(n::text) || md5((n + 1)::text)) end,
    at, case when status <> 'scheduled' then at end,
    case when status in ('completed', 'failed', 'cancelled') then at + interval '1 minute' end
  from (
    select n, now() - (100000 - n) * interval '10 seconds' as at,
      case when n % 100 < 80 then 'completed' when n % 100 < 86 then 'failed' when n % 100 < 90 then 'cancelled'
        when n % 100 < 95 then 'waiting' when n % 100 < 98 then 'scheduled' else 'running' end as status
    from generate_series(1, $6::int) n
  ) row`;

/** Writes finished and unfinished BGOs straight into the table, without their messages. */
export async function fillWithBgos(
  client: pg.Client,
  of: {
    readonly caller: Caller;
    readonly agentId: string;
    readonly threadIds: readonly string[];
    readonly rows: number;
  },
): Promise<void> {
  const { orgId, projectId, envId } = of.caller.scope;
  await client.query(text, [orgId, projectId, envId, of.threadIds, of.agentId, of.rows]);
  await client.query("vacuum analyze platos.platos_tasks");
}
