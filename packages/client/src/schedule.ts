import type { OnComplete } from "./bgo.ts";
import type { Budget } from "./budget.ts";

/** A cancelled one is over for good. */
export type ScheduleStatus = "active" | "paused" | "cancelled";

/** What happens to a fire that comes due while a BGO of an earlier one is live. */
export type OverlapPolicy = "skip" | "queue" | "parallel";

/** What is made up for when nobody was there to start fires: none, the latest, or each of the newest `maxMissed`. */
export type MissedPolicy = "skip" | "one" | "all";

export type FireOutcome = "spawned" | "skipped" | "missed" | "refused";

/** What became of one due instant, or of a row of missed ones. */
export interface ScheduleFire {
  readonly at: string;
  /** The last instant of a row of missed ones; else equal to `at`. */
  readonly throughAt: string;
  readonly outcome: FireOutcome;
  readonly bgoId: string | null;
  /** Instants it stands for; null when there were more than are counted. */
  readonly count: number | null;
  readonly reason: string | null;
  readonly decidedAt: string;
}

/** Starts a BGO in its thread again and again. */
export interface Schedule {
  readonly id: string;
  readonly status: ScheduleStatus;
  readonly reason: string | null;
  readonly threadId: string;
  readonly agentId: string;
  readonly label: string | null;
  readonly prompt: string;
  /** Null: what the agent has when it fires. */
  readonly tools: readonly string[] | null;
  readonly budget: Budget;
  readonly onComplete: OnComplete;
  readonly cron: string;
  readonly timeZone: string;
  readonly overlap: OverlapPolicy;
  readonly missed: MissedPolicy;
  readonly maxMissed: number;
  readonly jitterSeconds: number;
  /** The next five instants, before jitter; none while it does not fire. */
  readonly nextFires: readonly string[];
  /** Newest first. */
  readonly recentFires: readonly ScheduleFire[];
  /** Rises on every change that people make. */
  readonly rev: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Body of `POST /api/v1/schedules`. Without `threadId`, `agent` is required and a thread is made. */
export interface CreateScheduleBody {
  readonly threadId?: string;
  /** Id or slug. */
  readonly agent?: string;
  readonly prompt: string;
  readonly label?: string;
  /** A subset of the agent's. */
  readonly tools?: readonly string[];
  readonly budget?: Budget;
  readonly onComplete?: OnComplete;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name; UTC when absent. */
  readonly timeZone?: string;
  /** `skip` when absent. */
  readonly overlap?: OverlapPolicy;
  /** `one` when absent. */
  readonly missed?: MissedPolicy;
  readonly maxMissed?: number;
  readonly jitterSeconds?: number;
  readonly idempotencyKey?: string;
}

/** Filters of `GET /api/v1/schedules`; all must hold. Newest first. */
export interface ScheduleFilters {
  /** Any of these. */
  readonly status?: readonly ScheduleStatus[] | undefined;
  readonly thread?: string | undefined;
  /** Id or slug. */
  readonly agent?: string | undefined;
}

export interface CancelScheduleReceipt {
  /** `cancelled` only when this very call ended it. */
  readonly outcome: "cancelled" | "already_cancelled";
  readonly schedule: Schedule;
}
