import pg from "pg";
import { readMigrations } from "../../../packages/platos-tasks/src/store/migrate.ts";

/**
 * Takes a database back to an older migration together with its rows, as far as that one has room for them. The queue's
 * own schema stays as it is.
 */
export async function takeBack(connectionString: string, level: number): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query("begin");
    await client.query("alter schema platos rename to newest");
    await client.query("create schema platos");
    await client.query(
      "create table platos.migrations (id int primary key, name text not null, applied_at timestamptz not null default now())",
    );
    for (const { id, name, sql } of (await readMigrations()).slice(0, level)) {
      await client.query(sql);
      await client.query("insert into platos.migrations (id, name) values ($1, $2)", [id, name]);
    }
    // Rows may come before those that they name.
    await client.query("set local session_replication_role = replica");
    for (const table of await tablesOf(client)) await copyRows(client, table);
    await client.query("drop schema newest cascade");
    await client.query("commit");
  } finally {
    await client.end();
  }
}

async function tablesOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'platos' and tablename <> 'migrations'",
  );
  return rows.map(({ name }) => name);
}

async function copyRows(client: pg.Client, table: string): Promise<void> {
  const { rows } = await client.query<{ name: string; serial: string | null }>(
    `select old.column_name as name, pg_get_serial_sequence('platos.' || old.table_name, old.column_name) as serial
     from information_schema.columns old
     join information_schema.columns now using (table_name, column_name)
     where old.table_schema = 'platos' and now.table_schema = 'newest' and table_name = $1
       and old.is_generated = 'NEVER'`,
    [table],
  );
  const columns = rows.map(({ name }) => `"${name}"`).join(", ");
  // A table that begins empty may have been given rows by its migration.
  await client.query(`delete from platos."${table}"`);
  await client.query(
    `insert into platos."${table}" (${columns}) overriding system value select ${columns} from newest."${table}"`,
  );
  for (const { name, serial } of rows) {
    if (serial === null) continue;
    await client.query(`select setval($1, coalesce((select max("${name}") from platos."${table}"), 0) + 1, false)`, [
      serial,
    ]);
  }
}

/** Everything that tells one schema from another, one line each, in order. */
export async function describeSchema(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ line: string }>(
      `select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line
         from information_schema.columns where table_schema = 'platos'
       union all select indexdef from pg_indexes where schemaname = 'platos'
       union all select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
         from pg_constraint where connamespace = 'platos'::regnamespace
       union all select format('%s %s', id, name) from platos.migrations
       order by 1`,
    );
    return rows.map(({ line }) => line).join("\n");
  } finally {
    await client.end();
  }
}
