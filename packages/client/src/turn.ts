import type { Failure } from "./failure.ts";

export type TurnStatus = "queued" | "running" | "waiting" | "completed" | "failed";

/** Why a turn was opened: somebody wrote, or results of BGOs came in that asked to wake the agent. */
export type TurnCause = "message" | "wake";

/** One answer of a thread's agent, from the message that asked for it to the message that ended it. */
export interface Turn {
  readonly id: string;
  readonly threadId: string;
  readonly status: TurnStatus;
  readonly cause: TurnCause;
  readonly userMessageId: string | null;
  readonly error: Failure | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}
