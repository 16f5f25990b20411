import pg from "pg";
import { expect, inject, test } from "vitest";
import { silentLog } from "../core/ports/log.ts";
import { openTestRuntime } from "../testing/test-runtime.ts";
import { Database } from "./database.ts";
import { migrate, readMigrations } from "./migrate.ts";

const nowhere = { orgId: "org_0", projectId: "prj_0", envId: "env_0" };

async function withEmptyDatabase(run: (connectionString: string) => Promise<void>): Promise<void> {
  const name = `migrate_${process.pid}_${Math.random().toString(36).slice(2)}`;
  const admin = new pg.Client({ connectionString: inject("postgresUrl") });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  try {
    await run(url.href);
  } finally {
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  }
}

test("four migrators at once apply each migration once", async () => {
  await withEmptyDatabase(async (connectionString) => {
    const databases = Array.from({ length: 4 }, () => new Database({ connectionString, poolSize: 2, log: silentLog }));
    const applied = await Promise.all(databases.map((database) => migrate(database)));
    const names = (await readMigrations()).map(({ name }) => name);
    expect(applied.flat().toSorted()).toEqual(names);
    expect(await migrate(databases[0] as Database)).toEqual([]);
    await Promise.all(databases.map((database) => database.close()));
  });
});

test("a migrator that dies in the middle leaves whole steps, and the next one goes on", async () => {
  await withEmptyDatabase(async (connectionString) => {
    const database = new Database({ connectionString, poolSize: 2, log: silentLog });
    // Something in the way makes the first migration fail halfway.
    await database.query("create schema platos");
    await database.query("create table platos.threads (id int)");
    await expect(migrate(database)).rejects.toMatchObject({ code: "42P07" });
    const tables = "select tablename from pg_tables where schemaname = 'platos'";
    expect((await database.query(tables)).rows).toEqual([{ tablename: "threads" }]);
    await database.query("drop table platos.threads");
    expect(await migrate(database)).toEqual((await readMigrations()).map(({ name }) => name));
    await database.close();
  });
});

test("processes that start at once on an empty database all come up", async () => {
  await withEmptyDatabase(async (connectionString) => {
    const runtimes = await Promise.all(
      Array.from({ length: 6 }, () => openTestRuntime({ connectionString, tools: [] })),
    );
    await Promise.all(runtimes.map((runtime) => runtime.startWorker()));
    const seen = runtimes.map((runtime) => runtime.operations.store.autocommit.agents.find(nowhere, "nobody"));
    expect(await Promise.all(seen)).toEqual(runtimes.map(() => null));
    await Promise.all(runtimes.map((runtime) => runtime.stop({ graceMs: 1000 })));
  });
});
