import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "./testing/test-database.ts";
import { eventually, openTestRuntime } from "./testing/test-runtime.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
});

afterAll(() => database.drop());

async function connections(): Promise<readonly number[]> {
  const rows = await database.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'",
  );
  return rows.map(({ pid }) => pid);
}

test("a runtime that cannot be opened leaves no connection, and can be opened when what was in the way is gone", async () => {
  await database.query("create schema pgboss");
  await database.query("create table pgboss.version (version int not null)");
  await database.query("insert into pgboss.version values (1000000)");
  const ours = await connections();

  await expect(openTestRuntime({ connectionString: database.connectionString })).rejects.toThrow("pgboss.queue");

  await eventually("its connections to be closed", async () =>
    (await connections()).every((pid) => ours.includes(pid)),
  );
  await database.query("drop schema pgboss cascade");
  const runtime = await openTestRuntime({ connectionString: database.connectionString });
  await runtime.stop({ graceMs: 1000 });
});
