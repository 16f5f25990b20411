import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { silentLog } from "../../core/ports/log.ts";
import { Database, type TransactionExecutor } from "../../store/database.ts";
import { commitUnknown } from "../../store/database-errors.ts";
import { createTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { queueOf, startBoss } from "./boss.ts";

let testDatabase: TestDatabase;

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject("postgresUrl"));
});

afterAll(() => testDatabase.drop());

/** The connection is lost as the transaction commits. */
class CutOffAtCommit extends Database {
  override async transaction<Result>(run: (tx: TransactionExecutor) => Promise<Result>): Promise<Result> {
    await super.transaction(run);
    throw commitUnknown(new Error("Connection terminated unexpectedly"));
  }
}

test("a queue whose installation was not acknowledged is there all the same", async () => {
  const { connectionString } = testDatabase;
  const database = new CutOffAtCommit({ connectionString, poolSize: 2, log: silentLog });
  const boss = await startBoss({ database, log: silentLog, supervises: false });
  const names = (await boss.getQueues()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.values(queueOf)));
  await boss.stop({ graceful: false });
  await database.close();
});
