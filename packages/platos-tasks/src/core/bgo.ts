import type { Budget, Usage } from "./budget.ts";
import type { FailureView } from "./errors.ts";
import type { Json } from "./json.ts";
import type { Status } from "./lifecycle.ts";
import { firstLine } from "./first-line.ts";

/** What the sub-agent last said about how far it is. */
export interface Progress {
  readonly message: string;
  /** 0 to 1, when it can be told. */
  readonly fraction?: number;
}

export type OnComplete = "message" | "wake";

/** A background operation as its row tells it. */
export interface Bgo {
  readonly id: string;
  readonly status: Status;
  /** What it is doing or waiting for, or why it ended; for people. */
  readonly reason: string | null;
  readonly threadId: string;
  readonly agentId: string;
  readonly parentBgoId: string | null;
  readonly depth: number;
  readonly label: string | null;
  readonly prompt: string;
  readonly tools: readonly string[];
  readonly budget: Budget;
  readonly onComplete: OnComplete;
  readonly output: Json | null;
  readonly error: FailureView | null;
  readonly progress: Progress | null;
  /** Rises only after a retryable failure; the first is 1. */
  readonly attempt: number;
  readonly usage: Usage;
  readonly modelCalls: number;
  readonly idempotencyKey: string | null;
  readonly engine: string;
  /** The engine's id of the current segment; null when none is due or running. */
  readonly engineRunId: string | null;
  /** Rises on every change of the row: a reader drops anything older than it has. */
  readonly rev: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly runAt: Date | null;
  readonly finishedAt: Date | null;
}

/** What a first line of a list calls it: its label, else the beginning of its prompt. */
export function titleOf(bgo: Pick<Bgo, "label" | "prompt">): string {
  if (bgo.label !== null && bgo.label !== "") return bgo.label;
  return firstLine(bgo.prompt);
}
