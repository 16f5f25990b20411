import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import { deleteEmbeddedPostgres } from "../../../packages/platos-tasks/src/store/embedded-postgres/delete-embedded-postgres.ts";
import { superviseEmbeddedPostgres } from "../../../packages/platos-tasks/src/store/embedded-postgres/supervise-embedded-postgres.ts";

export interface QuickPostgres {
  readonly connectionString: string;
  close(): Promise<void>;
}

/** What is tried on it is the order of commits, and processes that die; that commits survive a power cut is for other exercises. */
const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

/** A real Postgres in a folder of its own, deleted at the end. */
export async function startQuickPostgres(): Promise<QuickPostgres> {
  const homeDir = await mkdtemp(join(tmpdir(), "platos-race-"));
  // When root runs this, the user it lends to Postgres must get through.
  await chmod(homeDir, 0o711);
  const server = await superviseEmbeddedPostgres({ homeDir, log: silentLog, baseEnv: process.env, settings });
  return {
    connectionString: server.connectionString,
    async close() {
      await server.stop();
      await deleteEmbeddedPostgres({ homeDir });
      await rm(homeDir, { recursive: true, force: true });
    },
  };
}
