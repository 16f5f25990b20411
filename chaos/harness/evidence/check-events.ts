import type { Executor } from "../../../packages/platos-tasks/src/store/database.ts";
import type { EventPlace, EventWatcher } from "./event-watcher.ts";
import { type LoggedPlace, stretchViolations } from "./stretch-violations.ts";

/**
 * I16: what a live client saw is the log, in its order, without a gap and without a repeat. The watcher must have caught
 * up after everything was quiet.
 */
async function checkEvents(database: Executor, watcher: EventWatcher): Promise<string[]> {
  const name = watcher.topics.join(",").slice(0, 40);
  if (watcher.stretches.length === 0) return [`I16: a client of ${name} was never shown anything`];
  const found: string[] = [];
  for (const [index, stretch] of watcher.stretches.entries()) {
    const isLast = index === watcher.stretches.length - 1;
    const logged = await readLog(database, watcher.topics, stretch.from);
    found.push(
      ...stretchViolations(stretch, logged, isLast).map((violation) => `I16: a client of ${name} ${violation}`),
    );
  }
  return found;
}

const lastLooks = 8;

/** What is still missing after some looks is a gap; after one it may be that a slow machine had not answered yet. */
export async function lastLook(database: Executor, watcher: EventWatcher, lookMs: number): Promise<string[]> {
  let missing: string[] = [];
  for (let looks = 0; looks < lastLooks; looks += 1) {
    await watcher.catchUp(lookMs);
    missing = await checkEvents(database, watcher);
    if (missing.length === 0) break;
  }
  return missing;
}

async function readLog(
  database: Executor,
  topics: readonly string[],
  from: EventPlace,
): Promise<readonly LoggedPlace[]> {
  const threads = topics.flatMap((topic) => (topic.startsWith("thread:") ? [topic.slice("thread:".length)] : []));
  const { rows } = await database.query<{ xid: string; id: string; type: string; row_id: string }>(
    `select e.xid::text, e.id::text, type, coalesce(message_id, waitpoint_id, turn_id, bgo_id) as row_id from platos.events e
     where (e.xid, e.id) > ($1::xid8, $2::bigint)
       and (thread_id = any($3) or $4 and (type like 'bgo.%' or type like 'waitpoint.%' and bgo_id is not null))
     order by e.xid, e.id`,
    [String(from.xid), String(from.id), threads, topics.includes("bgos")],
  );
  return rows.map(({ xid, id, type, row_id }) => ({ xid: BigInt(xid), id: BigInt(id), type, rowId: row_id }));
}
