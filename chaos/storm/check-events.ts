import type { Executor } from "../../packages/platos-tasks/src/store/database.ts";
import { comparePlaces, type EventPlace, type EventWatcher, type SeenStretch } from "./event-watcher.ts";

interface LoggedPlace extends EventPlace {
  readonly type: string;
  readonly rowId: string;
}

/**
 * I16: what a live client saw is the log, in its order, without a gap and without a repeat. Of several updates of one
 * row that are read together only the last is shown, so of updates only the last of each row must have been seen. The
 * watcher must have caught up after everything was quiet.
 */
export async function checkEvents(database: Executor, watcher: EventWatcher): Promise<string[]> {
  const name = watcher.topics.join(",").slice(0, 40);
  if (watcher.stretches.length === 0) return [`I16: a client of ${name} was never shown anything`];
  const found: string[] = [];
  for (const [index, stretch] of watcher.stretches.entries()) {
    const isLast = index === watcher.stretches.length - 1;
    const logged = await readLog(database, watcher.topics, stretch.from);
    found.push(...judge(stretch, logged, isLast).map((violation) => `I16: a client of ${name} ${violation}`));
  }
  return found;
}

async function readLog(
  database: Executor,
  topics: readonly string[],
  from: EventPlace,
): Promise<readonly LoggedPlace[]> {
  const threads = topics.flatMap((topic) => (topic.startsWith("thread:") ? [topic.slice("thread:".length)] : []));
  const { rows } = await database.query<{ xid: string; id: string; type: string; row_id: string }>(
    `select xid::text, id::text, type, coalesce(message_id, turn_id, bgo_id) as row_id from platos.events
     where (xid, id) > ($1::xid8, $2::bigint) and (thread_id = any($3) or $4 and type like 'bgo.%')
     order by xid, id`,
    [String(from.xid), String(from.id), threads, topics.includes("bgos")],
  );
  return rows.map(({ xid, id, type, row_id }) => ({ xid: BigInt(xid), id: BigInt(id), type, rowId: row_id }));
}

function judge({ places }: SeenStretch, logged: readonly LoggedPlace[], isLast: boolean): string[] {
  const last = places.at(-1);
  const covered = isLast ? logged : logged.filter((place) => last !== undefined && comparePlaces(place, last) <= 0);
  const seen = new Set(places.map(keyOf));
  const known = new Set(logged.map(keyOf));
  const repeated = places.filter((place, index) => index > 0 && comparePlaces(places[index - 1] ?? place, place) >= 0);
  const invented = places.filter((place) => !known.has(keyOf(place)));
  const missed = mustBeSeen(covered, isLast).filter((place) => !seen.has(keyOf(place)));
  return [
    ...(repeated.length === 0 ? [] : [`was shown ${repeated.length} events again or out of order`]),
    ...(invented.length === 0 ? [] : [`was shown ${invented.length} events that are not in the log`]),
    ...(missed.length === 0
      ? []
      : [`missed ${missed.length} of ${covered.length} events, first ${missed[0]?.type} of ${missed[0]?.rowId}`]),
  ];
}

function mustBeSeen(covered: readonly LoggedPlace[], isLast: boolean): LoggedPlace[] {
  const lastUpdates = new Map(
    covered.filter(({ type }) => type.endsWith(".updated")).map((place) => [`${place.type} ${place.rowId}`, place]),
  );
  return [...covered.filter(({ type }) => !type.endsWith(".updated")), ...(isLast ? lastUpdates.values() : [])];
}

function keyOf({ xid, id }: EventPlace): string {
  return `${xid}-${id}`;
}
