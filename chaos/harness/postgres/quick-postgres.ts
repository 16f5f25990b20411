import { chmod } from "node:fs/promises";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import { deleteEmbeddedPostgres } from "../../../packages/platos-tasks/src/store/embedded-postgres/delete-embedded-postgres.ts";
import { superviseEmbeddedPostgres } from "../../../packages/platos-tasks/src/store/embedded-postgres/supervise-embedded-postgres.ts";
import { createTestDatabase, type TestDatabase } from "../../../packages/platos-tasks/src/testing/test-database.ts";
import { opened, temporaryFolder } from "../closing.ts";

export interface QuickPostgres {
  /** A new one with the product's schema. */
  createDatabase(): Promise<TestDatabase>;
}

/** What is tried on it is the order of commits, and processes that die; power cuts are for other exercises. */
const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

/** A real Postgres in a folder of its own, whose disk need not be waited for. */
export async function startQuickPostgres(closing: AsyncDisposableStack): Promise<QuickPostgres> {
  const homeDir = await temporaryFolder(closing, "quick");
  // When root runs this, the user it lends to Postgres must get through.
  await chmod(homeDir, 0o711);
  const { connectionString } = await opened(closing, async () => {
    const server = await superviseEmbeddedPostgres({ homeDir, log: silentLog, baseEnv: process.env, settings });
    return {
      connectionString: server.connectionString,
      async close() {
        await server.stop();
        await deleteEmbeddedPostgres({ homeDir });
      },
    };
  });
  return { createDatabase: () => createTestDatabase(connectionString) };
}
