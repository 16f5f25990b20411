import { readdir, readFile } from "node:fs/promises";
import type { Database, Executor } from "./database.ts";

const migrationsUrl = new URL("./migrations/", import.meta.url);
// Any fixed number, as long as every migrator takes the same one.
const migrationLock = 7_263_901;

/** How long a statement of a migration may take: it may rewrite a large table, or wait for another one who does. */
export const migrationMs = 6 * 3_600_000;

export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

/** The numbered files beside this one, in order. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const files = (await readdir(migrationsUrl)).filter((file) => file.endsWith(".sql")).toSorted();
  return Promise.all(
    files.map(async (file, index) => {
      const id = Number.parseInt(file, 10);
      if (id !== index + 1)
        throw new Error(`Migration ${file} should be number ${index + 1}: numbers run without a gap.`);
      return { id, name: file.replace(/\.sql$/u, ""), sql: await readFile(new URL(file, migrationsUrl), "utf8") };
    }),
  );
}

/**
 * Brings the schema `platos` up to date; returns the names of what was applied. Each migration is one transaction
 * together with its record, all under one advisory lock: a second migrator waits, a killed one leaves whole steps.
 */
export async function migrate(database: Database): Promise<readonly string[]> {
  const applied: string[] = [];
  for (const migration of await pendingMigrations(database)) {
    if (await applyOnce(database, migration)) applied.push(migration.name);
  }
  return applied;
}

/** What `migrate` would apply. Each start asks: it takes no lock. */
export async function pendingMigrations(executor: Executor): Promise<readonly Migration[]> {
  const [migrations, newest] = await Promise.all([readMigrations(), newestApplied(executor)]);
  return migrations.filter(({ id }) => id > newest);
}

/** The number of the newest migration that is done; 0 where there is no schema yet. */
async function newestApplied(executor: Executor): Promise<number> {
  const { rows } = await executor.query<{ exists: boolean }>(
    "select to_regclass('platos.migrations') is not null as exists",
  );
  return rows[0]?.exists === true ? readNewest(executor) : 0;
}

async function readNewest(executor: Executor): Promise<number> {
  const { rows } = await executor.query<{ newest: number | null }>("select max(id) as newest from platos.migrations");
  return rows[0]?.newest ?? 0;
}

async function applyOnce(database: Database, migration: Migration): Promise<boolean> {
  return database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1)", [migrationLock]);
    await tx.query("create schema if not exists platos");
    await tx.query(
      "create table if not exists platos.migrations (id int primary key, name text not null, applied_at timestamptz not null default now())",
    );
    if ((await readNewest(tx)) >= migration.id) return false;
    await tx.query(`do $migration$ begin execute $sql$${migration.sql}$sql$; end $migration$`);
    await tx.query("insert into platos.migrations (id, name) values ($1, $2)", [migration.id, migration.name]);
    return true;
  });
}
