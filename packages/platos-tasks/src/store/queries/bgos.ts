import type { Agent } from "../../core/agent.ts";
import { storableJson, storableText } from "../../core/json.ts";
import type { Identity } from "../../core/ports/identity.ts";
import type { BgoQueries, BgoRow } from "../../core/ports/store.ts";
import type { Executor } from "../database.ts";
import { type AgentColumns, agentColumns, agentOf } from "./agents.ts";
import { activeStatusList } from "./active-statuses.ts";
import { type BgoColumns, bgoColumns, bgoOf } from "./bgo-row.ts";
import { listArtifactsOfBgo } from "./artifacts.ts";
import { insertBgo } from "./insert-bgo.ts";
import { listBgos } from "./list-bgos.ts";
import { rescheduleBgo } from "./reschedule-bgo.ts";
import { scopeColumns } from "./scope-columns.ts";
import { startScheduledBgos } from "./start-scheduled.ts";
import { transitionBgo } from "./transition-bgo.ts";

const findText = `select ${bgoColumns("b")} from platos.platos_tasks b where b.id = $1 and b.env_id = $2`;

const findByKeyText = `
  select ${bgoColumns("b")} from platos.platos_tasks b
  where b.env_id = $1 and b.key_scope = $2 and b.idempotency_key = $3`;

const findForSegmentText = `
  select ${bgoColumns("b")}, ${agentColumns}
  from platos.platos_tasks b
  join platos.agent_versions v on v.id = b.agent_version_id
  join platos.agents a on a.id = v.agent_id
  where b.id = $1 and b.segment_id = $2::uuid`;

// indexes platos_tasks_live_by_thread, _by_turn, _by_parent
const liveInThread = `
  (select count(*)::int from platos.platos_tasks
    where thread_id = $1 and status in (${activeStatusList})) as live_in_thread`;

// A text per kind of parent: with a condition inside, each call would be planned anew.
const countForCapsTexts = {
  turn: `select ${liveInThread}, (select count(*)::int from platos.platos_tasks where turn_id = $2) as spawned_by_parent`,
  bgo: `select ${liveInThread},
    (select count(*)::int from platos.platos_tasks where parent_bgo_id = $2) as spawned_by_parent`,
  none: `select ${liveInThread}, 0 as spawned_by_parent`,
} as const;

// A parent may spawn into several threads at once, so their locks do not keep its children apart.
const lockParentText = {
  turn: "select id from platos.turns where id = $1 for no key update",
  bgo: `select status not in (${activeStatusList}) as has_ended from platos.platos_tasks
    where id = $1 for no key update`,
} as const;

// index platos_tasks_by_parent; one that has ended may have left children that run on
const lockLiveDescendantsText = `
  with recursive descendants as (
    select id from platos.platos_tasks where parent_bgo_id = $1
    union all
    select child.id from platos.platos_tasks child join descendants on child.parent_bgo_id = descendants.id
  )
  select ${bgoColumns("b")} from platos.platos_tasks b
  where b.id in (select id from descendants) and b.status in (${activeStatusList})
  order by b.depth, b.id for no key update of b`;

const annotateText = `
  with bgo as (
    update platos.platos_tasks set
      progress = coalesce($3::jsonb, progress),
      staged_result = coalesce($4, staged_result),
      rev = rev + 1
    where id = $1 and epoch = $2 and status = 'running' returning *
  ), event as (
    insert into platos.events (${scopeColumns}, type, thread_id, bgo_id)
    select ${scopeColumns}, 'bgo.updated', thread_id, id from bgo
  )
  select id from bgo`;

async function lockParent(
  executor: Executor,
  { turnId, parentBgoId }: { readonly turnId: string | null; readonly parentBgoId: string | null },
): Promise<{ readonly hasEnded: boolean }> {
  if (turnId !== null) await executor.query(lockParentText.turn, [turnId]);
  if (turnId !== null || parentBgoId === null) return { hasEnded: false };
  const { rows } = await executor.query<{ has_ended: boolean }>(lockParentText.bgo, [parentBgoId]);
  return { hasEnded: rows[0]?.has_ended === true };
}

export function bgoQueries(executor: Executor, identity: Identity): BgoQueries {
  const one = async (text: string, values: readonly unknown[]): Promise<BgoRow | null> => {
    const { rows } = await executor.query<BgoColumns>(text, values);
    return rows[0] === undefined ? null : bgoOf(rows[0]);
  };
  return {
    async insert(scope, bgo, actor) {
      return insertBgo(executor, scope, { ...bgo, actor, auditId: identity.newId("audit") });
    },
    async find(scope, bgoId) {
      return one(findText, [storableText(bgoId), scope.envId]);
    },
    async findByKey(scope, { keyScope, idempotencyKey }) {
      return one(findByKeyText, [scope.envId, storableText(keyScope), storableText(idempotencyKey)]);
    },
    async findForSegment(bgoId, segmentId): Promise<{ bgo: BgoRow; agent: Agent } | null> {
      const { rows } = await executor.query<BgoColumns & AgentColumns>(findForSegmentText, [bgoId, segmentId]);
      return rows[0] === undefined ? null : { bgo: bgoOf(rows[0]), agent: agentOf(rows[0]) };
    },
    async list(scope, filter, page) {
      return listBgos(executor, scope, { filter, page });
    },
    async countForCaps({ threadId, turnId, parentBgoId }) {
      const kind = turnId !== null ? "turn" : parentBgoId !== null ? "bgo" : "none";
      const parentId = turnId ?? parentBgoId;
      const values = [storableText(threadId), ...(parentId === null ? [] : [parentId])];
      // One connection runs them in this order: the count begins, and takes its snapshot, once the lock is held.
      const [parent, { rows }] = await Promise.all([
        lockParent(executor, { turnId, parentBgoId }),
        executor.query<{ live_in_thread: number; spawned_by_parent: number }>(countForCapsTexts[kind], values),
      ]);
      return {
        liveInThread: rows[0]?.live_in_thread ?? 0,
        spawnedByParent: rows[0]?.spawned_by_parent ?? 0,
        parentHasEnded: parent.hasEnded,
      };
    },
    async lockLiveDescendants(bgoId) {
      const { rows } = await executor.query<BgoColumns>(lockLiveDescendantsText, [bgoId]);
      return rows.map(bgoOf);
    },
    async transition(transition) {
      return transitionBgo(executor, { ...transition, auditId: identity.newId("audit") });
    },
    async startScheduled(starts, by) {
      return startScheduledBgos(executor, identity, { starts, ...by });
    },
    async reschedule(scope, to, actor) {
      return rescheduleBgo(executor, scope, { ...to, actor, auditId: identity.newId("audit") });
    },
    async listArtifacts(scope, bgoId) {
      return listArtifactsOfBgo(executor, scope, bgoId);
    },
    async annotate(bgo, { progress, stagedResult }) {
      const { rows } = await executor.query(annotateText, [
        bgo.id,
        bgo.epoch,
        progress === undefined ? null : storableJson(progress),
        stagedResult === undefined ? null : storableText(stagedResult),
      ]);
      return rows.length > 0;
    },
  };
}
