import type { Budget, Usage } from "./budget.ts";
import type { Failure } from "./failure.ts";
import type { Json } from "./json.ts";
import type { Status } from "./status.ts";

/** What the sub-agent last said about how far it is. */
export interface Progress {
  readonly message: string;
  /** 0 to 1, when it can be told. */
  readonly fraction?: number;
}

export type OnComplete = "message" | "wake";

/** A background operation. */
export interface Bgo {
  readonly id: string;
  readonly status: Status;
  /** What it is doing or waiting for, or why it ended; for people. */
  readonly reason: string | null;
  readonly threadId: string;
  readonly agentId: string;
  readonly parentBgoId: string | null;
  /** 1 when spawned from a chat or the API. */
  readonly depth: number;
  readonly label: string | null;
  readonly prompt: string;
  readonly tools: readonly string[];
  readonly budget: Budget;
  readonly onComplete: OnComplete;
  readonly output: Json;
  readonly error: Failure | null;
  readonly progress: Progress | null;
  /** Rises only after a retryable failure; the first is 1. */
  readonly attempt: number;
  readonly usage: Usage;
  readonly modelCalls: number;
  readonly idempotencyKey: string | null;
  readonly engine: string;
  readonly engineRunId: string | null;
  /** Rises on every change of the row: drop anything older than what you have. */
  readonly rev: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly runAt: string | null;
  readonly finishedAt: string | null;
}

/** Body of `POST /api/v1/platos-tasks`. Without `threadId`, `agent` is required and a thread is made. */
export interface SpawnBody {
  readonly threadId?: string;
  /** Id or slug. */
  readonly agent?: string;
  readonly prompt: string;
  /** A subset of the agent's. */
  readonly tools?: readonly string[];
  readonly budget?: Budget;
  readonly label?: string;
  /** ISO 8601 with an offset or `Z`. */
  readonly runAt?: string;
  readonly onComplete?: OnComplete;
  readonly idempotencyKey?: string;
}

/** Answer of `POST /api/v1/platos-tasks`. */
export interface SpawnReceipt {
  readonly bgoId: string;
  readonly status: Status;
  readonly threadId: string;
  /** True when the key was known and this is the BGO it made before. */
  readonly deduplicated: boolean;
  readonly runAt: string | null;
  /** True when `runAt` lay in the past: it starts at once. */
  readonly ranAtOnce: boolean;
}

/** Answer of `POST …/{id}/run-now` and `POST …/{id}/reschedule`. */
export interface ScheduleReceipt {
  readonly bgoId: string;
  readonly status: Status;
  readonly runAt: string | null;
  /** True when it starts at once, because that was asked for or its new time lay in the past. */
  readonly ranAtOnce: boolean;
}

/** What a cancel really did. `cancelled` only when this very call stopped the BGO. */
export type CancelOutcome = "cancelled" | "already_completed" | "already_failed" | "already_cancelled";

export interface CancelReceipt {
  readonly outcome: CancelOutcome;
}

/** Filters of `GET /api/v1/platos-tasks`; all must hold. Newest first. */
export interface BgoFilters {
  /** Any of these. */
  readonly status?: readonly Status[] | undefined;
  readonly thread?: string | undefined;
  /** Id or slug. */
  readonly agent?: string | undefined;
  /** Words to find in id, label and prompt. */
  readonly q?: string | undefined;
  /** Created at or after this instant, ISO 8601. */
  readonly since?: string | undefined;
}

/** What a first line of a list calls it: its label, else the beginning of its prompt. */
export function titleOfBgo(bgo: Pick<Bgo, "label" | "prompt">): string {
  if (bgo.label !== null && bgo.label !== "") return bgo.label;
  const line = bgo.prompt.trim().split("\n", 1)[0] ?? "";
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
