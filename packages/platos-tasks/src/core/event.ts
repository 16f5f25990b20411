/** What may happen that a viewer sees. The names of the event log, of SSE and of webhooks. */
export const eventTypes = [
  "message.created",
  "message.updated",
  "turn.started",
  "turn.finished",
  "bgo.created",
  "bgo.updated",
  "waitpoint.created",
  "waitpoint.resolved",
] as const;

export type EventType = (typeof eventTypes)[number];

/** A place in the event log: transaction id, then row id, in one database's history. */
export interface EventCursor {
  /** Changes when the database is another one (restored, promoted): cursors of the old one are then worthless. */
  readonly history: string;
  readonly xid: bigint;
  readonly id: bigint;
}

export function formatEventCursor(cursor: EventCursor): string {
  return `${cursor.history}-${cursor.xid}-${cursor.id}`;
}

/** Null for anything that is not a cursor: the reader is then told to start from a snapshot. */
export function parseEventCursor(text: string): EventCursor | null {
  const match = /^([0-9a-z]{1,32})-(\d{1,20})-(\d{1,19})$/u.exec(text);
  const [, history, xid, id] = match ?? [];
  if (history === undefined || xid === undefined || id === undefined) return null;
  const cursor = { history, xid: BigInt(xid), id: BigInt(id) };
  return cursor.xid > largestXid || cursor.id > largestId ? null : cursor;
}

// What `xid8` and `bigint` can hold.
const largestXid = 2n ** 64n - 1n;
const largestId = 2n ** 63n - 1n;
