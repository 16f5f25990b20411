import type { Progress } from "../../core/bgo.ts";
import type { Budget } from "../../core/budget.ts";
import type { FailureView } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Status } from "../../core/lifecycle.ts";
import type { BgoRow } from "../../core/ports/store.ts";
import { type ScopeRow, scopeOf } from "./scope-columns.ts";

const names = [
  "id",
  "org_id",
  "project_id",
  "env_id",
  "thread_id",
  "agent_id",
  "agent_version_id",
  "parent_bgo_id",
  "turn_id",
  "depth",
  "label",
  "prompt",
  "tools",
  "budget",
  "on_complete",
  "status",
  "reason",
  "segment_id",
  "epoch",
  "rev",
  "attempt",
  "crashes",
  "model_calls",
  "input_tokens",
  "output_tokens",
  "cost_usd",
  "progress",
  "staged_result",
  "output",
  "error",
  "key_scope",
  "idempotency_key",
  "key_is_derived",
  "args_hash",
  "engine",
  "created_at",
  "started_at",
  "run_at",
  "finished_at",
] as const;

/** The columns of a BGO as {@link bgoOf} wants them; `of` is the table's alias in the statement. */
export function bgoColumns(of: string): string {
  return [
    ...names.map((name) => `${of}.${name}`),
    `extract(epoch from coalesce(${of}.finished_at, now()) - coalesce(${of}.started_at, now()))::float8 - ${of}.waited_seconds as elapsed_seconds`,
  ].join(", ");
}

export interface BgoColumns extends ScopeRow {
  readonly id: string;
  readonly thread_id: string;
  readonly agent_id: string;
  readonly agent_version_id: string;
  readonly parent_bgo_id: string | null;
  readonly turn_id: string | null;
  readonly depth: number;
  readonly label: string | null;
  readonly prompt: string;
  readonly tools: string[];
  readonly budget: Budget;
  readonly on_complete: "message" | "wake";
  readonly status: Status;
  readonly reason: string | null;
  readonly segment_id: string | null;
  readonly epoch: number;
  readonly rev: number;
  readonly attempt: number;
  readonly crashes: number;
  readonly model_calls: number;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cost_usd: number | null;
  readonly progress: Progress | null;
  readonly staged_result: string | null;
  readonly output: Json;
  readonly error: FailureView | null;
  readonly key_scope: string;
  readonly idempotency_key: string;
  readonly key_is_derived: boolean;
  readonly args_hash: string;
  readonly engine: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly run_at: Date | null;
  readonly finished_at: Date | null;
  readonly elapsed_seconds: number;
}

export function bgoOf(row: BgoColumns): BgoRow {
  return {
    id: row.id,
    scope: scopeOf(row),
    threadId: row.thread_id,
    agentId: row.agent_id,
    agentVersionId: row.agent_version_id,
    parentBgoId: row.parent_bgo_id,
    turnId: row.turn_id,
    depth: row.depth,
    label: row.label,
    prompt: row.prompt,
    tools: row.tools,
    budget: row.budget,
    onComplete: row.on_complete,
    status: row.status,
    reason: row.reason,
    engineRunId: row.segment_id,
    epoch: row.epoch,
    rev: row.rev,
    attempt: row.attempt,
    crashes: row.crashes,
    modelCalls: row.model_calls,
    usage: { inputTokens: Number(row.input_tokens), outputTokens: Number(row.output_tokens), costUsd: row.cost_usd },
    progress: row.progress,
    stagedResult: row.staged_result,
    output: row.output,
    error: row.error,
    keyScope: row.key_scope,
    idempotencyKey: row.key_is_derived ? null : row.idempotency_key,
    argsHash: row.args_hash,
    engine: row.engine,
    createdAt: row.created_at,
    startedAt: row.started_at,
    runAt: row.run_at,
    finishedAt: row.finished_at,
    elapsedSeconds: row.elapsed_seconds,
  };
}
