import { storableJson, storableText } from "../../core/json.ts";
import type { BgoRow, BgoTransition } from "../../core/ports/store.ts";
import type { Executor } from "../database.ts";
import { type BgoColumns, bgoColumns, bgoOf } from "./bgo-row.ts";
import { scopeColumns } from "./scope-columns.ts";

/**
 * The one statement that changes the status of a BGO. It matches on (id, allowed statuses, epoch or segment), so of
 * two that race the second finds no row. Found by primary key.
 */
export async function transitionBgo(
  executor: Executor,
  transition: BgoTransition & { readonly auditId: string },
): Promise<BgoRow | null> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const assignments = assignmentsOf(transition, bind);
  const conditions = [`id = ${bind(transition.id)}`, `status = any(${bind(transition.from)}::text[])`];
  if (transition.guard !== "any") {
    if ("epoch" in transition.guard) conditions.push(`epoch = ${bind(transition.guard.epoch)}`);
    if ("segmentId" in transition.guard) conditions.push(`segment_id = ${bind(transition.guard.segmentId)}::uuid`);
  }
  const text = `
    with bgo as (
      update platos.platos_tasks set ${assignments.join(", ")}
      where ${conditions.join(" and ")}
      returning *
    ), audit as (
      insert into platos.audit_entries
        (id, ${scopeColumns}, actor_type, actor_id, action, target_type, target_id, details)
      select ${bind(transition.auditId)}, ${scopeColumns}, ${bind(transition.actor.type)}, ${bind(transition.actor.id)},
        'bgo.' || status, 'bgo', id,
        jsonb_strip_nulls(jsonb_build_object('reason', reason, 'epoch', epoch, 'attempt', attempt, 'crashes', crashes))
      from bgo
    ), event as (
      insert into platos.events (${scopeColumns}, type, thread_id, bgo_id)
      select ${scopeColumns}, 'bgo.updated', thread_id, id from bgo
    )${closingWaits(transition, bind)}
    select ${bgoColumns("bgo")} from bgo`;
  const { rows } = await executor.query<BgoColumns>(text, values);
  return rows[0] === undefined ? null : bgoOf(rows[0]);
}

function assignmentsOf({ from, to, reason, changes }: BgoTransition, bind: (value: unknown) => string): string[] {
  const set = [
    `status = ${bind(to)}`,
    `reason = ${bind(reason === null ? null : storableText(reason))}`,
    "rev = rev + 1",
    "moved_at = now()",
  ];
  if (changes.segmentId !== undefined) set.push(`segment_id = ${bind(changes.segmentId)}::uuid`);
  if (changes.newEpoch === true) set.push("epoch = epoch + 1");
  if (changes.attempt !== undefined) set.push(`attempt = ${bind(changes.attempt)}`);
  if (changes.crashes !== undefined) set.push(`crashes = ${bind(changes.crashes)}`);
  if (changes.wakeInMs === null) set.push("wake_at = null");
  else if (changes.wakeInMs !== undefined) {
    set.push(`wake_at = now() + ${bind(changes.wakeInMs)}::float8 * interval '1 millisecond'`);
  }
  if (changes.runsNow === true) set.push("run_at = now()");
  // A result that the sub-agent staged is what it wants to say; its last words are only the second choice.
  if (changes.output !== undefined) {
    set.push(`output = coalesce(to_jsonb(staged_result), ${bind(storableJson(changes.output))}::jsonb)`);
  }
  if (changes.error !== undefined) {
    set.push(`error = ${bind(changes.error === null ? null : storableJson(changes.error))}::jsonb`);
  }
  if (changes.started === true) set.push("started_at = coalesce(started_at, now())");
  if (changes.finished === true) set.push("finished_at = now()", "staged_result = null");
  if (from.includes("waiting")) {
    set.push(
      "waited_seconds = waited_seconds + case status when 'waiting' then extract(epoch from now() - moved_at) else 0 end",
    );
  }
  return set;
}

/** What a BGO waited for can wake nobody any more once it has ended. */
function closingWaits({ from, changes, actor }: BgoTransition, bind: (value: unknown) => string): string {
  if (changes.finished !== true || !from.includes("waiting")) return "";
  const end = bind(storableJson({ reason: "its BGO ended" }));
  return `, closed as (
      update platos.waitpoints w set status = 'cancelled', resolved_at = now(), resolution = ${end}::jsonb,
        resolved_by = ${bind(storableJson(actor))}::jsonb
      from bgo where w.owner_id = bgo.id and w.status = 'open'
      returning w.id, w.org_id, w.project_id, w.env_id, w.thread_id, w.owner_id
    ), closed_event as (
      insert into platos.events (${scopeColumns}, type, thread_id, bgo_id, waitpoint_id)
      select ${scopeColumns}, 'waitpoint.resolved', thread_id, owner_id, id from closed
    )`;
}
