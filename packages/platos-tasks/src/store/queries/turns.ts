import type { FailureView } from "../../core/errors.ts";
import { storableJson, storableText } from "../../core/json.ts";
import type { ClaimedTurn, TurnQueries } from "../../core/ports/store.ts";
import type { Turn, TurnCause, TurnStatus } from "../../core/turn.ts";
import type { Executor } from "../database.ts";
import { type AgentColumns, agentColumns, agentOf } from "./agents.ts";
import { type ScopeRow, scopeColumns, scopeOf, scopeValues } from "./scope-columns.ts";

export interface TurnRow {
  readonly id: string;
  readonly thread_id: string;
  readonly status: TurnStatus;
  readonly cause: TurnCause;
  readonly user_message_id: string | null;
  readonly assistant_message_id: string;
  readonly attempt: number;
  readonly error: FailureView | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

interface ClaimedRow extends TurnRow, ScopeRow, AgentColumns {
  readonly epoch: number;
  readonly crashes: number;
  readonly position: number;
  readonly depth: number;
  readonly opening_seq: number;
  readonly model_calls: number;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cost_usd: number | null;
  readonly elapsed_seconds: number;
}

const columns = `id, thread_id, status, cause, user_message_id, assistant_message_id, attempt, error, created_at,
  started_at, finished_at`;

export function turnOf(row: TurnRow): Turn {
  return {
    id: row.id,
    threadId: row.thread_id,
    status: row.status,
    cause: row.cause,
    userMessageId: row.user_message_id,
    assistantMessageId: row.assistant_message_id,
    attempt: row.attempt,
    error: row.error,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

const insertText = `
  insert into platos.turns (id, ${scopeColumns}, thread_id, agent_version_id, cause, user_message_id,
    assistant_message_id, position, depth, status)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'queued') returning ${columns}`;

// index turns_open_by_thread
const currentText = `
  select ${columns} from platos.turns
  where thread_id = $1 and env_id = $2 and status in ('queued', 'running', 'waiting')
  order by status = 'queued', position, id limit 1`;

const nextWaitingText = `
  select ${columns} from platos.turns
  where thread_id = $1 and env_id = $2 and status = 'queued'
    and not exists (
      select 1 from platos.turns busy
      where busy.thread_id = $1 and busy.status in ('queued', 'running', 'waiting')
        and (busy.status in ('running', 'waiting') or busy.segment_id is not null or busy.wake_at is not null)
    )
  order by position, id limit 1`;

// The thread's lock is waited for: whoever holds it may be adding a result, and has either been told that this turn will
// read it, so that it must, or opens another turn. Locked rows are read as they then stand, not as the snapshot has them.
const claimText = `
  with thread as (
    select t.id, t.last_seq from platos.threads t
    where t.id = (select o.thread_id from platos.turns o where o.id = $1 and o.segment_id = $2::uuid)
    for no key update
  ), turn as (
    update platos.turns u set
      status = 'running',
      epoch = u.epoch + 1,
      crashes = u.crashes + case when $4::boolean then 1 else 0 end,
      opening_seq = coalesce(u.opening_seq, thread.last_seq),
      started_at = coalesce(u.started_at, now()),
      moved_at = now()
    from thread
    where u.id = $1 and u.segment_id = $2::uuid
      and (($3::int is null and u.status = 'queued') or (u.epoch = $3 and u.status = 'running'))
    returning u.*
  ), event as (
    insert into platos.events (${scopeColumns}, type, thread_id, turn_id)
    select ${scopeColumns}, 'turn.started', thread_id, id from turn
  )
  select turn.id, turn.org_id, turn.project_id, turn.env_id, turn.thread_id, turn.status, turn.cause,
    turn.user_message_id, turn.assistant_message_id, turn.attempt, turn.error, turn.created_at, turn.started_at,
    turn.finished_at, turn.epoch, turn.crashes, turn.position, turn.depth, turn.opening_seq, turn.model_calls, turn.input_tokens,
    turn.output_tokens, turn.cost_usd, extract(epoch from now() - turn.started_at)::float8 - turn.waited_seconds as elapsed_seconds,
    ${agentColumns}
  from turn
  join platos.agent_versions v on v.id = turn.agent_version_id
  join platos.agents a on a.id = v.agent_id`;

const finishText = `
  with turn as (
    update platos.turns set status = $3, error = $4::jsonb, segment_id = null, wake_at = null, finished_at = now(),
      moved_at = now()
    where id = $1 and epoch = $2 and status = 'running' returning *
  ), event as (
    insert into platos.events (${scopeColumns}, type, thread_id, turn_id)
    select ${scopeColumns}, 'turn.finished', thread_id, id from turn
  )
  select id from turn`;

const suspendText = `
  update platos.turns set status = 'waiting', segment_id = null, moved_at = now()
  where id = $1 and epoch = $2 and status = 'running' returning id`;

const wakeText = `
  update platos.turns set status = 'queued', segment_id = $2::uuid, moved_at = now(),
    waited_seconds = waited_seconds + extract(epoch from now() - moved_at)
  where id = $1 and status = 'waiting' returning id`;

const releaseText = `
  update platos.turns set status = 'queued', segment_id = $3::uuid,
    wake_at = now() + $4::float8 * interval '1 millisecond', attempt = $5, moved_at = now()
  where id = $1 and epoch = $2 and status = 'running' returning id`;

export function turnQueries(executor: Executor): TurnQueries {
  const one = async (text: string, values: readonly unknown[]): Promise<Turn | null> => {
    const { rows } = await executor.query<TurnRow>(text, values);
    return rows[0] === undefined ? null : turnOf(rows[0]);
  };
  const matched = async (text: string, values: readonly unknown[]): Promise<boolean> =>
    (await executor.query(text, values)).rows.length > 0;
  return {
    async insert(scope, turn) {
      const inserted = await one(insertText, [
        turn.id,
        ...scopeValues(scope),
        turn.threadId,
        turn.agentVersionId,
        turn.cause,
        turn.userMessageId,
        turn.assistantMessageId,
        turn.position,
        turn.depth,
      ]);
      if (inserted === null) throw new Error("An insert of a turn returned no row.");
      return inserted;
    },
    async find(scope, turnId) {
      const values = [storableText(turnId), scope.envId];
      return one(`select ${columns} from platos.turns where id = $1 and env_id = $2`, values);
    },
    async findCurrent(scope, threadId) {
      return one(currentText, [storableText(threadId), scope.envId]);
    },
    async nextWaiting(scope, threadId) {
      return one(nextWaitingText, [threadId, scope.envId]);
    },
    async hasUnreadResults({ id, threadId }) {
      const text = `
        select m.id from platos.messages m
        join platos.platos_tasks b on b.id = m.bgo_id and b.on_complete = 'wake'
        where m.thread_id = $1 and m.terminal and m.seq > coalesce(
          (select max(u.opening_seq) from platos.turns u where u.thread_id = $1 and u.id <> $2 and u.status <> 'failed'), 0)
        limit 1`;
      return matched(text, [threadId, id]);
    },
    async hasWaitingWake(threadId) {
      const text = `
        select id from platos.turns
        where thread_id = $1 and status = 'queued' and cause = 'wake' and opening_seq is null limit 1`;
      return matched(text, [threadId]);
    },
    async claim(turnId, segmentId, from) {
      const { rows } = await executor.query<ClaimedRow>(claimText, [
        turnId,
        segmentId,
        from?.epoch ?? null,
        from?.isCrash === true,
      ]);
      return rows[0] === undefined ? null : claimedTurnOf(rows[0]);
    },
    async runningEpoch(turnId, segmentId) {
      const text = "select epoch from platos.turns where id = $1 and segment_id = $2::uuid and status = 'running'";
      const { rows } = await executor.query<{ epoch: number }>(text, [turnId, segmentId]);
      return rows[0]?.epoch ?? null;
    },
    async finish(turn, { status, error }) {
      return matched(finishText, [turn.id, turn.epoch, status, error === null ? null : storableJson(error)]);
    },
    async suspend(turn) {
      return matched(suspendText, [turn.id, turn.epoch]);
    },
    async wake(turnId, segmentId) {
      return matched(wakeText, [turnId, segmentId]);
    },
    async release(turn, release) {
      return matched(releaseText, [turn.id, turn.epoch, release.segmentId, release.wakeInMs, release.attempt]);
    },
  };
}

function claimedTurnOf(row: ClaimedRow): ClaimedTurn {
  return {
    ...turnOf(row),
    scope: scopeOf(row),
    agent: agentOf(row),
    epoch: row.epoch,
    crashes: row.crashes,
    position: row.position,
    depth: row.depth,
    openingSeq: row.opening_seq,
    totals: {
      modelCalls: row.model_calls,
      usage: { inputTokens: Number(row.input_tokens), outputTokens: Number(row.output_tokens), costUsd: row.cost_usd },
      elapsedSeconds: row.elapsed_seconds,
    },
  };
}
