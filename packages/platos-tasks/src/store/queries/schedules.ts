import { storableJson, storableText } from "../../core/json.ts";
import type { NewSchedule, ScheduleChange, ScheduleFilter, ScheduleQueries } from "../../core/ports/schedules.ts";
import type { PageRequest } from "../../core/ports/store.ts";
import type { Schedule } from "../../core/schedule.ts";
import type { Scope } from "../../core/scope.ts";
import type { Executor } from "../database.ts";
import { scheduleFireQueries } from "./schedule-fires.ts";
import { type ScheduleColumns, scheduleOf } from "./schedule-row.ts";
import { scopeColumns, scopeValues } from "./scope-columns.ts";

const insertText = `
  insert into platos.schedules (
    id, ${scopeColumns}, thread_id, agent_id, depth, label, prompt, tools, budget, on_complete, cron, time_zone, overlap,
    missed, max_missed, jitter_seconds, delay_ms, status, decided_through, next_fire_at, wake_at, created_by_type,
    created_by_id, key_scope, idempotency_key, args_hash
  )
  values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19::int, 'active', $20, $21::timestamptz,
    $21::timestamptz + $19::int * interval '1 millisecond', $22, $23, $24, $25, $26
  )
  on conflict (env_id, key_scope, idempotency_key) do nothing
  returning *`;

const findText = "select * from platos.schedules where id = $1 and env_id = $2";

const findByKeyText = "select * from platos.schedules where env_id = $1 and key_scope = $2 and idempotency_key = $3";

// index schedules_by_thread
const countLiveText =
  "select count(*)::int as live from platos.schedules where thread_id = $1 and status in ('active', 'paused')";

const changeText = `
  update platos.schedules set
    status = $3, reason = $4, decided_through = coalesce($5, decided_through), next_fire_at = $6::timestamptz,
    wake_at = $6::timestamptz + delay_ms * interval '1 millisecond', rev = rev + 1, updated_at = now()
  where id = $1 and env_id = $2
  returning *`;

export function scheduleQueries(executor: Executor): ScheduleQueries {
  const one = async (text: string, values: readonly unknown[]): Promise<Schedule | null> => {
    const { rows } = await executor.query<ScheduleColumns>(text, values);
    return rows[0] === undefined ? null : scheduleOf(rows[0]);
  };
  return {
    insert: (scope, schedule) => one(insertText, insertValues(scope, schedule)),
    find: (scope, scheduleId) => one(findText, [storableText(scheduleId), scope.envId]),
    lock: (scope, scheduleId) => one(`${findText} for no key update`, [storableText(scheduleId), scope.envId]),
    findByKey: (scope, { keyScope, idempotencyKey }) =>
      one(findByKeyText, [scope.envId, storableText(keyScope), storableText(idempotencyKey)]),
    list: (scope, filter, page) => listSchedules(executor, scope, { filter, page }),
    async countLive(threadId) {
      const { rows } = await executor.query<{ live: number }>(countLiveText, [storableText(threadId)]);
      return rows[0]?.live ?? 0;
    },
    change: (scope, scheduleId, change) => one(changeText, [scheduleId, scope.envId, ...changeValues(change)]),
    ...scheduleFireQueries(executor),
  };
}

function insertValues(scope: Scope, schedule: NewSchedule): unknown[] {
  return [
    schedule.id,
    ...scopeValues(scope),
    schedule.threadId,
    schedule.agentId,
    schedule.depth,
    schedule.label === null ? null : storableText(schedule.label),
    storableText(schedule.prompt),
    schedule.tools,
    storableJson(schedule.budget),
    schedule.onComplete,
    schedule.cron,
    schedule.timeZone,
    schedule.overlap,
    schedule.missed,
    schedule.maxMissed,
    schedule.jitterSeconds,
    schedule.delayMs,
    schedule.decidedThrough,
    schedule.nextFireAt,
    schedule.createdBy.type,
    schedule.createdBy.id,
    schedule.key.keyScope,
    storableText(schedule.key.idempotencyKey),
    schedule.argsHash,
  ];
}

function changeValues({ status, reason, decidedThrough, nextFireAt }: ScheduleChange): unknown[] {
  return [status, reason === null ? null : storableText(reason), decidedThrough ?? null, nextFireAt];
}

/** Newest first, by index schedules_newest. */
async function listSchedules(
  executor: Executor,
  scope: Scope,
  { filter, page }: { readonly filter: ScheduleFilter; readonly page: PageRequest },
): Promise<readonly Schedule[]> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [`env_id = ${bind(scope.envId)}`];
  if (filter.statuses !== undefined) conditions.push(`status = any(${bind(filter.statuses)}::text[])`);
  if (filter.threadId !== undefined) conditions.push(`thread_id = ${bind(storableText(filter.threadId))}`);
  if (filter.agentId !== undefined) conditions.push(`agent_id = ${bind(filter.agentId)}`);
  if (page.cursor !== null) {
    conditions.push(`(created_at, id) < (${bind(page.cursor.createdAt)}, ${bind(storableText(page.cursor.id))})`);
  }
  const { rows } = await executor.query<ScheduleColumns>(
    `select * from platos.schedules where ${conditions.join(" and ")}
     order by created_at desc, id desc limit ${bind(page.limit)}`,
    values,
  );
  return rows.map(scheduleOf);
}
