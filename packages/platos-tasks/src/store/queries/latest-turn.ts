import type { FailureView } from "../../core/errors.ts";
import type { Turn, TurnCause, TurnStatus } from "../../core/turn.ts";

/** The columns of a thread's newest turn beside the thread's own; all null where there is no turn. */
export interface LatestTurnColumns {
  readonly turn_id: string | null;
  readonly turn_status: TurnStatus;
  readonly turn_cause: TurnCause;
  readonly turn_user_message_id: string | null;
  readonly turn_assistant_message_id: string;
  readonly turn_attempt: number;
  readonly turn_error: FailureView | null;
  readonly turn_created_at: Date;
  readonly turn_started_at: Date | null;
  readonly turn_finished_at: Date | null;
}

/** From an alias `turn` of `platos.turns`. */
export const latestTurnColumns = `
  turn.id as turn_id, turn.status as turn_status, turn.cause as turn_cause,
  turn.user_message_id as turn_user_message_id, turn.assistant_message_id as turn_assistant_message_id,
  turn.attempt as turn_attempt, turn.error as turn_error, turn.created_at as turn_created_at,
  turn.started_at as turn_started_at, turn.finished_at as turn_finished_at`;

export function latestTurnOf(row: LatestTurnColumns & { readonly id: string }): Turn | null {
  if (row.turn_id === null) return null;
  return {
    id: row.turn_id,
    threadId: row.id,
    status: row.turn_status,
    cause: row.turn_cause,
    userMessageId: row.turn_user_message_id,
    assistantMessageId: row.turn_assistant_message_id,
    attempt: row.turn_attempt,
    error: row.turn_error,
    createdAt: row.turn_created_at,
    startedAt: row.turn_started_at,
    finishedAt: row.turn_finished_at,
  };
}
