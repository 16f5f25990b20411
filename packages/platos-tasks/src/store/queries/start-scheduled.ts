import type { Actor } from "../../core/actor.ts";
import type { Identity } from "../../core/ports/identity.ts";
import type { ScheduledStart } from "../../core/ports/store.ts";
import type { Executor } from "../database.ts";
import { scopeColumns } from "./scope-columns.ts";

// What `transitionBgo` does, for many. Found by primary key.
const text = `
  with start as (
    select * from unnest($1::text[], $2::uuid[], $3::text[]) start (bgo_id, segment_id, audit_id)
  ), bgo as (
    update platos.platos_tasks b set
      status = 'queued', reason = $4, segment_id = start.segment_id, wake_at = null, rev = rev + 1, moved_at = now()
    from start where b.id = start.bgo_id and b.status = 'scheduled'
    returning b.*, start.audit_id
  ), audit as (
    insert into platos.audit_entries
      (id, ${scopeColumns}, actor_type, actor_id, action, target_type, target_id, details)
    select audit_id, ${scopeColumns}, $5, $6, 'bgo.queued', 'bgo', id,
      jsonb_build_object('reason', reason, 'epoch', epoch, 'attempt', attempt, 'crashes', crashes)
    from bgo
  ), event as (
    insert into platos.events (${scopeColumns}, type, thread_id, bgo_id)
    select ${scopeColumns}, 'bgo.updated', thread_id, id from bgo
  )
  select id from bgo`;

export async function startScheduledBgos(
  executor: Executor,
  identity: Identity,
  of: { readonly starts: readonly ScheduledStart[]; readonly actor: Actor; readonly reason: string },
): Promise<readonly string[]> {
  const { rows } = await executor.query<{ id: string }>(text, [
    of.starts.map(({ bgoId }) => bgoId),
    of.starts.map(({ segmentId }) => segmentId),
    of.starts.map(() => identity.newId("audit")),
    of.reason,
    of.actor.type,
    of.actor.id,
  ]);
  return rows.map(({ id }) => id);
}
