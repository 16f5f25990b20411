import type { EventCursor, EventType } from "../core/event.ts";
import type { EventLog, LoggedEvent } from "../core/ports/event-log.ts";
import type { Database } from "./database.ts";
import { type BgoColumns, bgoColumns, bgoOf } from "./queries/bgo-row.ts";
import { type MessageRow, messageOf } from "./queries/messages.ts";
import { type TurnRow, turnOf } from "./queries/turns.ts";
import { type WaitpointColumns, waitpointOf, waitpointsByIdText } from "./queries/waitpoints.ts";

interface HeadRow {
  readonly xmin: string;
  readonly history: string;
  /** Retention has deleted up to here: a cursor from before may have missed some. */
  readonly pruned_through: string | null;
}

type ReadRow = HeadRow & (EventRow | { readonly xid: null });

interface NewestRow extends Pick<HeadRow, "history" | "pruned_through"> {
  readonly xid: string | null;
  readonly id: string | null;
}

interface EventRow {
  readonly xid: string;
  readonly id: string;
  readonly type: EventType;
  readonly env_id: string;
  readonly thread_id: string;
  readonly bgo_id: string | null;
  readonly turn_id: string | null;
  readonly message_id: string | null;
  readonly waitpoint_id: string | null;
  readonly created_at: Date;
}

// Two databases never share a system identifier; a promoted or restored one goes on under a new time line.
const headColumns = `
  pg_snapshot_xmin(pg_current_snapshot()) as xmin,
  (select to_hex(system_identifier) from pg_control_system()) || 'x' ||
  (select to_hex(timeline_id) from pg_control_checkpoint()) as history,
  (select pruned_through::text from platos.event_log_state) as pruned_through`;

// The newest event that can be read. Not the newest transaction: one that was never written down may be lost in a crash,
// and its number be given to another.
const headText = `
  with head as materialized (select ${headColumns})
  select head.history, head.pruned_through, e.xid::text, e.id::text
  from head
  left join lateral (select xid, id from platos.events where xid < head.xmin order by xid desc, id desc limit 1) e on true`;

// One row at least, for the head. The order names the table's columns: as texts, 1000 would come before 999.
const readText = `
  with head as materialized (select ${headColumns})
  select head.xmin::text, head.history, head.pruned_through, e.xid::text, e.id::text, e.type, e.env_id, e.thread_id,
    e.bgo_id, e.turn_id, e.message_id, e.waitpoint_id, e.created_at
  from head
  left join lateral (
    select * from platos.events
    where (xid, id) > ($1::xid8, $2::bigint) and xid < head.xmin and ($4::text is null or env_id = $4)
    order by xid, id limit $3
  ) e on true
  order by e.xid, e.id`;

const bgosText = `select ${bgoColumns("b")} from platos.platos_tasks b where b.id = any($1::text[])`;
const messagesText = `
  select id, thread_id, seq, role, kind, author_agent_id, bgo_id, turn_id, waitpoint_id, terminal, parts, created_at
  from platos.messages where id = any($1::text[])`;
const turnsText = `
  select id, thread_id, status, cause, user_message_id, assistant_message_id, attempt, error, created_at, started_at,
    finished_at
  from platos.turns where id = any($1::text[])`;

/** The event log on Postgres: `xid8` of the writing transaction, then the row's number. */
export function createPostgresEventLog(database: Database): EventLog {
  return {
    async head() {
      const { rows } = await database.query<NewestRow>(headText);
      if (rows[0] === undefined) throw new Error("Postgres gave no snapshot.");
      const { history, pruned_through: pruned, xid, id } = rows[0];
      return { history, xid: BigInt(xid ?? pruned ?? 0), id: BigInt(id ?? 0) };
    },
    async readAfter(cursor, limit, envId) {
      const { rows } = await database.query<ReadRow>(readText, [
        String(cursor.xid),
        String(cursor.id),
        limit,
        envId ?? null,
      ]);
      const [head] = rows;
      if (head === undefined || !isUsable(cursor, head)) return null;
      const events = rows.filter((row) => row.xid !== null);
      return withRows(database, head.history, events);
    },
  };
}

/** A cursor at or above xmin was never given out by this database: it has been set back to an earlier state. */
function isUsable(cursor: EventCursor, head: HeadRow): boolean {
  if (cursor.history !== head.history || cursor.xid >= BigInt(head.xmin)) return false;
  return head.pruned_through === null || cursor.xid >= BigInt(head.pruned_through);
}

async function withRows(database: Database, history: string, events: readonly EventRow[]): Promise<LoggedEvent[]> {
  const ids = (pick: (event: EventRow) => string | null, prefix: string): string[] => [
    ...new Set(events.filter((event) => event.type.startsWith(prefix)).flatMap((event) => pick(event) ?? [])),
  ];
  const [bgos, messages, turns, waitpoints] = await Promise.all([
    rowsById<BgoColumns>(
      database,
      bgosText,
      ids((event) => event.bgo_id, "bgo."),
    ),
    rowsById<MessageRow>(
      database,
      messagesText,
      ids((event) => event.message_id, "message."),
    ),
    rowsById<TurnRow>(
      database,
      turnsText,
      ids((event) => event.turn_id, "turn."),
    ),
    rowsById<WaitpointColumns>(
      database,
      waitpointsByIdText,
      ids((event) => event.waitpoint_id, "waitpoint."),
    ),
  ]);
  return events.map((event) => {
    const bgo = event.type.startsWith("bgo.") ? bgos.get(event.bgo_id ?? "") : undefined;
    const message = event.type.startsWith("message.") ? messages.get(event.message_id ?? "") : undefined;
    const turn = event.type.startsWith("turn.") ? turns.get(event.turn_id ?? "") : undefined;
    const waitpoint = event.type.startsWith("waitpoint.") ? waitpoints.get(event.waitpoint_id ?? "") : undefined;
    return {
      cursor: { history, xid: BigInt(event.xid), id: BigInt(event.id) },
      type: event.type,
      envId: event.env_id,
      threadId: event.thread_id,
      bgoId: event.bgo_id,
      at: event.created_at,
      bgo: bgo === undefined ? null : bgoOf(bgo),
      message: message === undefined ? null : messageOf(message),
      turn: turn === undefined ? null : turnOf(turn),
      waitpoint: waitpoint === undefined ? null : waitpointOf(waitpoint),
    };
  });
}

async function rowsById<Row extends { readonly id: string }>(
  database: Database,
  text: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Row>> {
  if (ids.length === 0) return new Map();
  const { rows } = await database.query<Row & Record<string, unknown>>(text, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}
