import { randomBytes } from "node:crypto";
import pg from "pg";
import { silentLog } from "../core/ports/log.ts";
import { Database } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";

export interface TestDatabase {
  readonly connectionString: string;
  /** Statements of the test itself, to look or to age rows. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** A fresh, migrated database on the run's server, for one test file. */
export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `test_${process.pid}_${randomBytes(4).toString("hex")}`;
  const admin = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  await admin(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = new Database({ connectionString: url.href, poolSize: 2, log: silentLog });
  await migrate(database);
  return {
    connectionString: url.href,
    query: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await database.query<Row>(text, values)).rows,
    async drop() {
      await database.close();
      await admin(`drop database ${name} with (force)`);
    },
  };
}
