import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { silentLog } from "../core/ports/log.ts";
import type { EventCursor } from "../core/event.ts";
import type { EventLog } from "../core/ports/event-log.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { eventually } from "../testing/test-runtime.ts";
import { Database } from "./database.ts";
import { Housekeeping } from "./housekeeping.ts";
import { createPostgresEventLog } from "./postgres-event-log.ts";

let testDatabase: TestDatabase;
let database: Database;
let log: EventLog;

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject("postgresUrl"));
  database = new Database({ connectionString: testDatabase.connectionString, poolSize: 4, log: silentLog });
  log = createPostgresEventLog(database);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** Transactions of other databases on this server hold a reader back as well, so it may have to look again. */
async function threadsAfter(start: EventCursor, count: number, pageSize = 100): Promise<string[]> {
  return eventually(`${count} events`, async () => {
    const threads: string[] = [];
    let cursor = start;
    for (let page = await log.readAfter(cursor, pageSize); page !== null && page.length > 0;) {
      threads.push(...page.map((event) => event.threadId));
      cursor = page.at(-1)?.cursor ?? cursor;
      page = await log.readAfter(cursor, pageSize);
    }
    return threads.length >= count ? threads : null;
  });
}

/** A place behind everything that the tests before have written. */
async function settledHead(): Promise<EventCursor> {
  const { rows } = await database.query<{ newest: string | null }>(
    "select max(xid::text::bigint)::text as newest from platos.events",
  );
  return eventually("the events before to be readable", async () => {
    const head = await log.head();
    return head.xid >= BigInt(rows[0]?.newest ?? 0) ? head : null;
  });
}

const ten = Array.from({ length: 10 }, (_nothing, place) => `thr_${place}`);

const insertText = `
  insert into platos.events (org_id, project_id, env_id, type, thread_id, turn_id)
  values ('o', 'p', 'e', 'turn.started', $1, 'trn')`;

test("events come in the order of numbers, not of their digits", async () => {
  verifies("P13.a");
  const start = await settledHead();
  await database.query("alter table platos.events alter column id restart with 995");
  for (let place = 0; place < 10; place += 1) await database.query(insertText, [`thr_${place}`]);
  expect(await threadsAfter(start, 10, 6)).toEqual(ten);
});

test("events of one transaction past a power of ten stay in order", async () => {
  verifies("P13.a");
  const start = await settledHead();
  await database.query("alter table platos.events alter column id restart with 99995");
  await database.transaction(async (tx) => {
    for (let place = 0; place < 10; place += 1) await tx.query(insertText, [`thr_${place}`]);
  });
  expect(await threadsAfter(start, 10)).toEqual(ten);
});

test("nothing appears behind a reader: it stops below a transaction that still runs", async () => {
  verifies("P13.a");
  const start = await settledHead();
  const gate = Promise.withResolvers<void>();
  const inserted = Promise.withResolvers<void>();
  const slow = database.transaction(async (tx) => {
    await tx.query(insertText, ["thr_slow"]);
    inserted.resolve();
    await gate.promise;
  });
  await inserted.promise;
  await database.query(insertText, ["thr_fast"]);
  expect(await log.readAfter(start, 100)).toEqual([]);
  gate.resolve();
  await slow;
  expect(await threadsAfter(start, 2)).toEqual(["thr_slow", "thr_fast"]);
});

test("a cursor of another history, from the future or from before the pruning is refused", async () => {
  const head = await log.head();
  expect(await log.readAfter({ ...head, history: "other" }, 10)).toBeNull();
  expect(await log.readAfter({ ...head, xid: head.xid + 1_000_000n }, 10)).toBeNull();
  await database.query(insertText, ["thr_old"]);
  await database.query("update platos.events set created_at = now() - interval '8 days'");
  await new Housekeeping(database).pruneEvents();
  expect(await database.query("select id from platos.events")).toMatchObject({ rows: [] });
  expect(await log.readAfter({ ...head, xid: 1n, id: 1n }, 10)).toBeNull();
  // Behind everything that was pruned, so readable as soon as no transaction of a neighbour is older than that.
  const after = await eventually("the new head to be readable", async () => log.readAfter(await log.head(), 10));
  expect(after).toEqual([]);
});

test("the head is an event, whatever transactions came after it: a crash may give their numbers to others", async () => {
  verifies("P13.a");
  await database.query(insertText, ["thr_head"]);
  const newest = await settledHead();
  const undone = database.transaction(async (tx) => {
    await tx.query("select pg_current_xact_id()");
    throw new Error("undone");
  });
  await expect(undone).rejects.toThrow("undone");
  expect(await log.head()).toEqual(newest);
});
