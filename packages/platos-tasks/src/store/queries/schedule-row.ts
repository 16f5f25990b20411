import type { Actor } from "../../core/actor.ts";
import type { Budget } from "../../core/budget.ts";
import type { MissedPolicy, OverlapPolicy, Schedule, ScheduleStatus } from "../../core/schedule.ts";
import { type ScopeRow, scopeOf } from "./scope-columns.ts";

export interface ScheduleColumns extends ScopeRow {
  readonly id: string;
  readonly thread_id: string;
  readonly agent_id: string;
  readonly depth: number;
  readonly label: string | null;
  readonly prompt: string;
  readonly tools: string[] | null;
  readonly budget: Budget;
  readonly on_complete: "message" | "wake";
  readonly cron: string;
  readonly time_zone: string;
  readonly overlap: OverlapPolicy;
  readonly missed: MissedPolicy;
  readonly max_missed: number;
  readonly jitter_seconds: number;
  readonly delay_ms: number;
  readonly status: ScheduleStatus;
  readonly reason: string | null;
  readonly decided_through: Date;
  readonly next_fire_at: Date | null;
  readonly created_by_type: Actor["type"];
  readonly created_by_id: string | null;
  readonly args_hash: string;
  readonly rev: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function scheduleOf(row: ScheduleColumns): Schedule {
  return {
    id: row.id,
    scope: scopeOf(row),
    status: row.status,
    reason: row.reason,
    threadId: row.thread_id,
    agentId: row.agent_id,
    depth: row.depth,
    label: row.label,
    prompt: row.prompt,
    tools: row.tools,
    budget: row.budget,
    onComplete: row.on_complete,
    cron: row.cron,
    timeZone: row.time_zone,
    overlap: row.overlap,
    missed: row.missed,
    maxMissed: row.max_missed,
    jitterSeconds: row.jitter_seconds,
    delayMs: row.delay_ms,
    decidedThrough: row.decided_through,
    nextFireAt: row.next_fire_at,
    createdBy: { type: row.created_by_type, id: row.created_by_id },
    argsHash: row.args_hash,
    rev: row.rev,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
