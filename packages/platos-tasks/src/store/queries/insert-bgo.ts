import type { Actor } from "../../core/actor.ts";
import { storableJson, storableText } from "../../core/json.ts";
import { type BgoKey, type BgoRow, KeyTaken, type NewBgo } from "../../core/ports/store.ts";
import type { Scope } from "../../core/scope.ts";
import { isTaken } from "../database-errors.ts";
import type { Executor, Rows } from "../database.ts";
import { type BgoColumns, bgoColumns, bgoOf } from "./bgo-row.ts";
import { scopeColumns, scopeValues } from "./scope-columns.ts";

// The key's unique index decides who is first; a second caller waits for the first one's commit and is refused.
const text = `
  with bgo as (
    insert into platos.platos_tasks (
      id, ${scopeColumns}, thread_id, agent_id, agent_version_id, parent_bgo_id, turn_id, depth, label, prompt, tools,
      budget, on_complete, status, reason, segment_id, run_at, wake_at, key_scope, idempotency_key, key_is_derived,
      args_hash, engine
    )
    values (
      $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
      case when $16 = 'scheduled' then $19::timestamptz end, $20, $21, $22, $23, $24
    )
    returning *
  ), audit as (
    insert into platos.audit_entries
      (id, ${scopeColumns}, actor_type, actor_id, action, target_type, target_id, details)
    select $25, ${scopeColumns}, $26, $27, 'bgo.spawned', 'bgo', id,
      jsonb_build_object('status', status, 'threadId', thread_id)
    from bgo
  ), event as (
    insert into platos.events (${scopeColumns}, type, thread_id, bgo_id)
    select ${scopeColumns}, 'bgo.created', thread_id, id from bgo
  )
  select ${bgoColumns("bgo")} from bgo`;

const keyIndex = "platos_tasks_env_id_key_scope_idempotency_key_key";

export async function insertBgo(
  executor: Executor,
  scope: Scope,
  bgo: NewBgo & { readonly auditId: string; readonly actor: Actor },
): Promise<BgoRow> {
  const { rows } = await insert(executor, bgo, [
    bgo.id,
    ...scopeValues(scope),
    bgo.threadId,
    bgo.agentId,
    bgo.agentVersionId,
    bgo.parentBgoId,
    bgo.turnId,
    bgo.depth,
    bgo.label === null ? null : storableText(bgo.label),
    storableText(bgo.prompt),
    bgo.tools,
    storableJson(bgo.budget),
    bgo.onComplete,
    bgo.status,
    bgo.reason,
    bgo.segmentId,
    bgo.runAt,
    bgo.keyScope,
    storableText(bgo.idempotencyKey),
    bgo.keyIsDerived,
    bgo.argsHash,
    bgo.engine,
    bgo.auditId,
    bgo.actor.type,
    bgo.actor.id,
  ]);
  if (rows[0] === undefined) throw new Error("An insert of a BGO returned no row.");
  return bgoOf(rows[0]);
}

async function insert(executor: Executor, key: BgoKey, values: readonly unknown[]): Promise<Rows<BgoColumns>> {
  try {
    return await executor.query<BgoColumns>(text, values);
  } catch (error) {
    throw isTaken(error, keyIndex) ? new KeyTaken(key) : error;
  }
}
