import type { FailureView } from "./errors.ts";

/** `waiting`: for the approval of a call. */
export type TurnStatus = "queued" | "running" | "waiting" | "completed" | "failed";

/** Why a turn was opened: somebody wrote, or results came in whose BGOs asked to wake the agent. */
export type TurnCause = "message" | "wake";

/** One turn of a chat: the agent's answer to a message, run by a worker. One runs per thread; later ones queue. */
export interface Turn {
  readonly id: string;
  readonly threadId: string;
  readonly status: TurnStatus;
  readonly cause: TurnCause;
  readonly userMessageId: string | null;
  /** Id under which the answer is stored from its first recorded model call on. */
  readonly assistantMessageId: string;
  readonly attempt: number;
  readonly error: FailureView | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}
