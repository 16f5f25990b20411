import type { Bgo } from "../bgo.ts";
import type { EventCursor, EventType } from "../event.ts";
import type { Message } from "../message.ts";
import type { Turn } from "../turn.ts";
import type { Waitpoint } from "../waitpoint.ts";

/** One entry of the event log together with the row it tells of, as that row stands now. */
export interface LoggedEvent {
  readonly cursor: EventCursor;
  readonly type: EventType;
  readonly envId: string;
  readonly threadId: string;
  readonly bgoId: string | null;
  readonly at: Date;
  readonly bgo: Bgo | null;
  readonly message: Message | null;
  readonly turn: Turn | null;
  readonly waitpoint: Waitpoint | null;
}

/**
 * Reads the event log in an order in which nothing can appear behind a reader: it stops below the oldest transaction
 * that is still running.
 */
export interface EventLog {
  /** The place after which nothing has been committed yet; take it before reading a snapshot. */
  head(): Promise<EventCursor>;
  /** Events after a cursor, oldest first, of one environment if it is named; null when the cursor is of another history or too old to go on from. */
  readAfter(cursor: EventCursor, limit: number, envId?: string): Promise<readonly LoggedEvent[] | null>;
}
