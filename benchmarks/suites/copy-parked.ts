import type pg from "pg";

/** Makes the table of copies: which parked BGO, and the how-many-eth copy of it. $1: copies in all. */
const planText = `
  create temp table copies as
  select bgo_id, thread_id, copy from (
    select id as bgo_id, thread_id, row_number() over (order by id) as place, count(*) over () as parked
    from platos.platos_tasks where status = 'waiting'
  ) template cross join generate_series(1, ceil($1::int / (select count(*) from platos.platos_tasks where status = 'waiting')::float8)::int) copy
  where (copy - 1) * parked + place <= $1::int`;

const renamed = (column: string): string => `original.${column} || '_' || copy`;
const own = `'id', ${renamed("id")}`;
const inThread = `'thread_id', ${renamed("thread_id")}`;
const ofBgo = `'bgo_id', ${renamed("bgo_id")}`;

/** By table: how its rows belong to a BGO, and what is another in the copy. In the order that foreign keys want. */
const tables = [
  { table: "threads", on: "original.id = copies.thread_id", changes: own },
  {
    table: "platos_tasks",
    on: "original.id = copies.bgo_id",
    changes: `${own}, ${inThread}, 'idempotency_key', ${renamed("idempotency_key")},
      'prompt', regexp_replace(original.prompt, '#(\\w+)#', '#\\1_' || copy || '#')`,
  },
  { table: "steps", on: "original.owner_id = copies.bgo_id", changes: `'owner_id', ${renamed("owner_id")}` },
  {
    table: "waitpoints",
    on: "original.owner_id = copies.bgo_id",
    changes: `${own}, ${inThread}, 'owner_id', ${renamed("owner_id")},
      'token_hash', encode(sha256((original.token_hash || copy)::bytea), 'hex')`,
  },
  {
    table: "messages",
    on: "original.bgo_id = copies.bgo_id",
    changes: `${own}, ${inThread}, ${ofBgo}, 'waitpoint_id', ${renamed("waitpoint_id")}`,
  },
  // The sealer gives them their place.
  {
    table: "audit_entries",
    on: "original.target_id = copies.bgo_id",
    changes: `${own}, 'target_id', ${renamed("target_id")}, 'xid', pg_current_xact_id()::text, 'seq', null, 'hash', null`,
  },
  {
    table: "events",
    on: "original.bgo_id = copies.bgo_id",
    changes: `${inThread}, ${ofBgo}, 'message_id', ${renamed("message_id")},
      'waitpoint_id', ${renamed("waitpoint_id")}, 'xid', pg_current_xact_id()::text,
      'id', nextval(pg_get_serial_sequence('platos.events', 'id'))`,
  },
] as const;

/**
 * Copies parked BGOs with everything they have left: thread, journal, question, wait, audit, events. In one transaction,
 * since what is told of a change must have committed with it.
 */
export async function copyParked(client: pg.Client, count: number): Promise<void> {
  await client.query("begin");
  await client.query(planText.replaceAll("$1", String(count)));
  for (const { table, on, changes } of tables) {
    await client.query(
      `insert into platos.${table} overriding system value
       select made.* from copies join platos.${table} original on ${on}
       cross join lateral jsonb_populate_record(original, jsonb_build_object(${changes})) made`,
    );
  }
  await client.query("drop table copies");
  await client.query("commit");
}
