import { storableText } from "../../core/json.ts";
import type { FiredInstants, ScheduleQueries } from "../../core/ports/schedules.ts";
import { fireKey, type FireOutcome, type Schedule, type ScheduleFire } from "../../core/schedule.ts";
import type { Executor } from "../database.ts";
import { activeStatusList } from "./active-statuses.ts";
import { type ScheduleColumns, scheduleOf } from "./schedule-row.ts";
import { scopeColumns, scopeValues } from "./scope-columns.ts";

interface FireColumns {
  readonly schedule_id: string;
  readonly fire_at: Date;
  readonly through: Date;
  readonly outcome: FireOutcome;
  readonly bgo_id: string | null;
  readonly instants: number | null;
  readonly reason: string | null;
  readonly decided_at: Date;
}

const listFiresText = `
  select fire.* from unnest($2::text[]) wanted (id)
  cross join lateral (
    select schedule_id, fire_at, through, outcome, bgo_id, instants, reason, decided_at
    from platos.schedule_fires where schedule_id = wanted.id and env_id = $1 order by fire_at desc limit $3
  ) fire`;

// index schedules_wake_at; nothing is read when nothing is due
const listDueText = `
  select id from platos.schedules where wake_at <= now() and id <> all($2::text[]) order by wake_at limit $1`;

const takeDueText = "select * from platos.schedules where id = $1 and wake_at <= now() for no key update skip locked";

const moveText = `
  update platos.schedules set
    decided_through = $2, next_fire_at = $3::timestamptz, wake_at = $3::timestamptz + delay_ms * interval '1 millisecond'
  where id = $1`;

const recordText = `
  insert into platos.schedule_fires
    (schedule_id, ${scopeColumns}, fire_at, through, outcome, bgo_id, instants, reason)
  select $1, $2, $3, $4, fire.*
  from unnest($5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::int[], $10::text[]) fire`;

const isHeld = "status = 'scheduled' and wake_at = 'infinity'";
const isAtWork = "status in ('queued', 'running', 'waiting')";
// the words of index platos_tasks_live_by_schedule
const isLiveOfSchedule = `key_scope like 'schedule:%' and status in (${activeStatusList})`;

const hasLiveText = `
  select exists (
    select 1 from platos.platos_tasks
    where env_id = $1 and key_scope = $2 and ${isLiveOfSchedule} and (${isAtWork} or ${isHeld})
  ) as found`;

const holdText = "update platos.platos_tasks set wake_at = 'infinity' where id = $1 and status = 'scheduled'";

const nextHeldText = `
  select id from platos.platos_tasks held
  where env_id = $1 and key_scope = $2 and ${isLiveOfSchedule} and ${isHeld}
    and not exists (
      select 1 from platos.platos_tasks
      where env_id = $1 and key_scope = $2 and ${isLiveOfSchedule} and ${isAtWork}
    )
  order by run_at limit 1`;

const listHeldText = `
  select id from platos.platos_tasks
  where env_id = $1 and key_scope = $2 and ${isLiveOfSchedule} and ${isHeld} order by run_at`;

// Index platos_tasks_wake_at gives all that are held. The oldest of a schedule goes first, one at a time.
const listForgottenText = `
  select distinct on (held.env_id, held.key_scope) held.id from platos.platos_tasks held
  where held.wake_at = 'infinity' and held.status = 'scheduled'
    and not exists (
      select 1 from platos.platos_tasks
      where env_id = held.env_id and key_scope = held.key_scope and ${isLiveOfSchedule} and ${isAtWork}
    )
  order by held.env_id, held.key_scope, held.run_at limit $1`;

type Part =
  | "listFires"
  | "listDue"
  | "takeDue"
  | "recordFires"
  | "hasLiveBgo"
  | "hold"
  | "nextHeld"
  | "listHeld"
  | "listForgotten";

/** What the firing itself asks of the database. */
export function scheduleFireQueries(executor: Executor): Pick<ScheduleQueries, Part> {
  const ids = async (text: string, values: readonly unknown[]): Promise<string[]> =>
    (await executor.query<{ id: string }>(text, values)).rows.map(({ id }) => id);
  const liveKey = ({ id, scope }: Pick<Schedule, "id" | "scope">): [string, string] => [
    scope.envId,
    fireKey(id, new Date(0)).keyScope,
  ];
  return {
    async listFires(scope, scheduleIds, limit) {
      const { rows } = await executor.query<FireColumns>(listFiresText, [scope.envId, scheduleIds, limit]);
      const fires = new Map<string, ScheduleFire[]>(scheduleIds.map((id) => [id, []]));
      for (const row of rows) fires.get(row.schedule_id)?.push(fireOf(row));
      return fires;
    },
    listDue: (limit, without) => ids(listDueText, [limit, without]),
    async takeDue(scheduleId) {
      const { rows } = await executor.query<ScheduleColumns>(takeDueText, [scheduleId]);
      return rows[0] === undefined ? null : scheduleOf(rows[0]);
    },
    async recordFires(schedule, fired) {
      await Promise.all([
        executor.query(moveText, [schedule.id, fired.decidedThrough, fired.nextFireAt]),
        fired.fires.length === 0
          ? undefined
          : executor.query(recordText, [schedule.id, ...scopeValues(schedule.scope), ...recordValues(fired)]),
      ]);
    },
    async hasLiveBgo(schedule) {
      const { rows } = await executor.query<{ found: boolean }>(hasLiveText, liveKey(schedule));
      return rows[0]?.found === true;
    },
    async hold(bgoId) {
      await executor.query(holdText, [bgoId]);
    },
    async nextHeld(schedule) {
      return (await ids(nextHeldText, liveKey(schedule)))[0] ?? null;
    },
    listHeld: (schedule) => ids(listHeldText, liveKey(schedule)),
    listForgotten: (limit) => ids(listForgottenText, [limit]),
  };
}

function fireOf(row: FireColumns): ScheduleFire {
  return {
    at: row.fire_at,
    through: row.through,
    outcome: row.outcome,
    bgoId: row.bgo_id,
    count: row.instants,
    reason: row.reason,
    decidedAt: row.decided_at,
  };
}

function recordValues({ fires }: FiredInstants): unknown[] {
  return [
    fires.map(({ at }) => at),
    fires.map(({ through }) => through),
    fires.map(({ outcome }) => outcome),
    fires.map(({ bgoId }) => bgoId),
    fires.map(({ count }) => count),
    fires.map(({ reason }) => (reason === null ? null : storableText(reason))),
  ];
}
