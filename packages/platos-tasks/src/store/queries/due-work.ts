import type { DueOwner, DueWork, OpenSegment } from "../../core/ports/store.ts";
import type { Executor } from "../database.ts";

// indexes platos_tasks_wake_at and turns_wake_at; nothing is read when nothing is due
const takeDueText = `
  with bgos as (
    select 'bgo' as owner_kind, id as owner_id from platos.platos_tasks
    where wake_at <= now() order by wake_at limit $1 for update skip locked
  ), turns as (
    select 'turn' as owner_kind, id as owner_id from platos.turns
    where wake_at <= now() order by wake_at limit $1 for update skip locked
  )
  select * from bgos union all select * from turns`;

// indexes platos_tasks_wake_at, turns_wake_at, waitpoints_due and schedules_wake_at
const whatIsDueText = `
  select
    exists (select 1 from platos.platos_tasks where wake_at <= now())
      or exists (select 1 from platos.turns where wake_at <= now()) as owners,
    exists (select 1 from platos.waitpoints where status = 'open' and due_at <= now()) as waits,
    exists (select 1 from platos.schedules where wake_at <= now()) as schedules`;

// Indexes platos_tasks_open_segment and turns_open_segment. Drawn by lot: in a long queue most are only waiting, and the
// same ones would otherwise be looked at every time.
const suspectsText = `
  (select 'bgo' as owner_kind, id as owner_id, segment_id from platos.platos_tasks
   where status in ('queued', 'running') and segment_id is not null
     and moved_at < now() - $1::float8 * interval '1 millisecond' order by random() limit $2)
  union all
  (select 'turn', id, segment_id from platos.turns
   where status in ('queued', 'running') and segment_id is not null
     and moved_at < now() - $1::float8 * interval '1 millisecond' order by random() limit $2)`;

interface DueRow {
  readonly owner_kind: "bgo" | "turn";
  readonly owner_id: string;
}

export async function takeDue(executor: Executor, limit: number): Promise<readonly DueOwner[]> {
  const { rows } = await executor.query<DueRow>(takeDueText, [limit]);
  return rows.map((row) => ({ ownerKind: row.owner_kind, ownerId: row.owner_id }));
}

export async function whatIsDue(executor: Executor): Promise<DueWork> {
  const { rows } = await executor.query<{ owners: boolean; waits: boolean; schedules: boolean }>(whatIsDueText, []);
  if (rows[0] === undefined) throw new Error("The database did not tell what is due.");
  return rows[0];
}

export async function listSuspects(
  executor: Executor,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<readonly OpenSegment[]> {
  const { rows } = await executor.query<DueRow & { segment_id: string }>(suspectsText, [olderThanMs, limit]);
  return rows.map((row) => ({ ownerKind: row.owner_kind, ownerId: row.owner_id, segmentId: row.segment_id }));
}

function assignText(table: string): string {
  return `
    update platos.${table} set segment_id = $2::uuid, wake_at = null, moved_at = now()
    where id = $1 and status in ('queued', 'running') and segment_id is not distinct from $3::uuid
    returning id`;
}

const assignTexts = { bgo: assignText("platos_tasks"), turn: assignText("turns") } as const;

export async function assignSegment(
  executor: Executor,
  owner: DueOwner,
  { segmentId, instead }: { readonly segmentId: string; readonly instead: string | null },
): Promise<boolean> {
  const { rows } = await executor.query(assignTexts[owner.ownerKind], [owner.ownerId, segmentId, instead]);
  return rows.length > 0;
}
