import type { ListCursor } from "../cursor.ts";
import type { Schedule, ScheduleFire, ScheduleStatus } from "../schedule.ts";
import type { Scope } from "../scope.ts";

/** As for BGOs: unique in its environment. */
export interface ScheduleKey {
  readonly keyScope: string;
  readonly idempotencyKey: string;
}

export interface NewSchedule extends Pick<
  Schedule,
  | "id"
  | "threadId"
  | "agentId"
  | "depth"
  | "label"
  | "prompt"
  | "tools"
  | "budget"
  | "onComplete"
  | "cron"
  | "timeZone"
  | "overlap"
  | "missed"
  | "maxMissed"
  | "jitterSeconds"
  | "delayMs"
  | "decidedThrough"
  | "createdBy"
  | "argsHash"
> {
  readonly nextFireAt: Date;
  readonly key: ScheduleKey;
}

export interface ScheduleFilter {
  readonly statuses?: readonly ScheduleStatus[];
  readonly threadId?: string;
  readonly agentId?: string;
}

/** A change that somebody made. `nextFireAt` null: it does not fire. */
export interface ScheduleChange {
  readonly status: ScheduleStatus;
  readonly reason: string | null;
  readonly decidedThrough?: Date;
  readonly nextFireAt: Date | null;
}

export interface ScheduleQueries {
  /** Null when the key is taken. */
  insert(scope: Scope, schedule: NewSchedule): Promise<Schedule | null>;
  find(scope: Scope, scheduleId: string): Promise<Schedule | null>;
  /** As `find`, and holds it until the transaction ends. */
  lock(scope: Scope, scheduleId: string): Promise<Schedule | null>;
  findByKey(scope: Scope, key: ScheduleKey): Promise<Schedule | null>;
  list(
    scope: Scope,
    filter: ScheduleFilter,
    page: { readonly limit: number; readonly cursor: ListCursor | null },
  ): Promise<readonly Schedule[]>;
  /** How many of the thread's may still fire, now or once they are resumed. */
  countLive(threadId: string): Promise<number>;
  change(scope: Scope, scheduleId: string, change: ScheduleChange): Promise<Schedule | null>;
  /** The newest fires of each, newest first. */
  listFires(scope: Scope, scheduleIds: readonly string[], limit: number): Promise<ReadonlyMap<string, ScheduleFire[]>>;

  /** Schedules whose time has come, the longest due first, without these. */
  listDue(limit: number, without: readonly string[]): Promise<readonly string[]>;
  /** One that is due, held until the transaction ends. Null: not due any more, or somebody else is at it. */
  takeDue(scheduleId: string): Promise<Schedule | null>;
  /** Writes what became of instants, and when the next one comes. */
  recordFires(schedule: Pick<Schedule, "id" | "scope">, fired: FiredInstants): Promise<void>;
  /** Whether a BGO that it fired is at work, or held for one that is. */
  hasLiveBgo(schedule: Pick<Schedule, "id" | "scope">): Promise<boolean>;
  /** Keeps a scheduled BGO from starting until it is released. */
  hold(bgoId: string): Promise<void>;
  /** The oldest held BGO of a schedule of which none is at work. */
  nextHeld(schedule: Pick<Schedule, "id" | "scope">): Promise<string | null>;
  /** Ids of all that it holds back, the oldest first. */
  listHeld(schedule: Pick<Schedule, "id" | "scope">): Promise<readonly string[]>;
  /** Held BGOs for which nothing is at work any more: nobody released them. */
  listForgotten(limit: number): Promise<readonly string[]>;
}

export interface FiredInstants {
  readonly fires: readonly Omit<ScheduleFire, "decidedAt">[];
  readonly decidedThrough: Date;
  readonly nextFireAt: Date;
}
