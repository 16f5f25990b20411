import type { Actor } from "../../core/actor.ts";
import { storableText } from "../../core/json.ts";
import type { BgoRow } from "../../core/ports/store.ts";
import type { Scope } from "../../core/scope.ts";
import type { Executor } from "../database.ts";
import { type BgoColumns, bgoColumns, bgoOf } from "./bgo-row.ts";
import { scopeColumns } from "./scope-columns.ts";

const text = `
  with bgo as (
    update platos.platos_tasks set run_at = $3, wake_at = $3, rev = rev + 1, moved_at = now()
    where id = $1 and env_id = $2 and status = 'scheduled'
    returning *
  ), audit as (
    insert into platos.audit_entries
      (id, ${scopeColumns}, actor_type, actor_id, action, target_type, target_id, details)
    select $4, ${scopeColumns}, $5, $6, 'bgo.rescheduled', 'bgo', id, jsonb_build_object('runAt', $7::text) from bgo
  ), event as (
    insert into platos.events (${scopeColumns}, type, thread_id, bgo_id)
    select ${scopeColumns}, 'bgo.updated', thread_id, id from bgo
  )
  select ${bgoColumns("bgo")} from bgo`;

export async function rescheduleBgo(
  executor: Executor,
  scope: Scope,
  to: { readonly bgoId: string; readonly runAt: Date; readonly actor: Actor; readonly auditId: string },
): Promise<BgoRow | null> {
  const { rows } = await executor.query<BgoColumns>(text, [
    storableText(to.bgoId),
    scope.envId,
    to.runAt,
    to.auditId,
    to.actor.type,
    to.actor.id,
    to.runAt.toISOString(),
  ]);
  return rows[0] === undefined ? null : bgoOf(rows[0]);
}
