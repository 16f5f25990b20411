import type { NewAuditEntry } from "../../packages/platos-tasks/src/core/audit.ts";
import { isTerminal } from "../../packages/platos-tasks/src/core/lifecycle.ts";
import type { Message } from "../../packages/platos-tasks/src/core/message.ts";
import type { OwnerKind } from "../../packages/platos-tasks/src/core/journal.ts";
import type { BgoRow, NewTurn, WaitpointRow } from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { RecordedStep } from "../../packages/platos-tasks/src/core/journal.ts";
import type { Scope } from "../../packages/platos-tasks/src/core/scope.ts";
import type { Thread } from "../../packages/platos-tasks/src/core/thread.ts";
import type { Turn } from "../../packages/platos-tasks/src/core/turn.ts";
import type { Usage } from "../../packages/platos-tasks/src/core/budget.ts";

/** Columns of those that own a journal. Times are milliseconds of the simulated clock. */
export interface OwnerColumns {
  readonly scope: Scope;
  readonly epoch: number;
  readonly crashes: number;
  readonly nextStep: number;
  readonly wakeAtMs: number | null;
  readonly movedAtMs: number;
}

export interface StoredBgo extends OwnerColumns, Omit<BgoRow, "elapsedSeconds" | "idempotencyKey"> {
  readonly key: string;
  readonly keyIsDerived: boolean;
}

export interface StoredTurn extends OwnerColumns, Turn, Pick<NewTurn, "agentVersionId" | "position" | "depth"> {
  readonly segmentId: string | null;
  readonly openingSeq: number | null;
  readonly modelCalls: number;
  readonly usage: Usage;
}

export interface StoredThread extends Thread {
  readonly isDeleted: boolean;
}

export interface StoredMessage extends Message {
  readonly key: string | null;
  readonly bodyHash: string | null;
}

export interface StoredStep extends RecordedStep {
  readonly id: string;
  readonly ownerId: string;
}

export interface StoredAudit extends NewAuditEntry {
  readonly id: string;
}

export interface StoredJob {
  readonly id: string;
  readonly ownerId: string;
  readonly ownerKind: OwnerKind;
  readonly state: "created" | "retry" | "active" | "completed" | "cancelled";
  /** Which delivery it is; what an earlier one says of it is refused. */
  readonly deliveries: number;
}

export interface Tables {
  readonly thread: StoredThread;
  readonly message: StoredMessage;
  readonly turn: StoredTurn;
  readonly bgo: StoredBgo;
  readonly step: StoredStep;
  readonly audit: StoredAudit;
  readonly job: StoredJob;
  readonly waitpoint: WaitpointRow;
}

export type TableName = keyof Tables;

/** The unique indexes of the schema: two rows may not share a key. */
export const uniqueKeysOf: { readonly [Name in TableName]: (row: Tables[Name]) => readonly string[] } = {
  thread: () => [],
  message: (row) => [
    `seq ${row.threadId} ${row.seq}`,
    ...(row.key === null ? [] : [`key ${row.threadId} ${row.key}`]),
    ...(row.terminal ? [`terminal ${row.bgoId ?? ""}`] : []),
  ],
  turn: (row) => (row.status === "running" ? [`running ${row.threadId}`] : []),
  bgo: (row) => [`bgo ${row.scope.envId} ${row.keyScope} ${row.key}`],
  step: (row) => [`step ${row.id}`],
  audit: () => [],
  job: (row) => [`job ${row.id}`],
  waitpoint: ({ call }) => (call === null ? [] : [`wait ${call.ownerId} ${call.callId}`]),
};

/** The check constraint of the schema: one reason to go on while it lives, none afterwards. */
export function breaksBgoCheck(row: StoredBgo): boolean {
  const hasSegment = row.engineRunId !== null;
  const wakes = row.wakeAtMs !== null;
  if (isTerminal(row.status)) return hasSegment || wakes || row.finishedAt === null;
  if (row.finishedAt !== null) return true;
  if (row.status === "running") return !hasSegment || wakes;
  if (row.status === "queued") return hasSegment === wakes;
  if (row.status === "scheduled") return hasSegment || !wakes;
  return hasSegment;
}
