import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { deleteEmbeddedPostgres } from "../../packages/platos-tasks/src/store/embedded-postgres/delete-embedded-postgres.ts";
import { superviseEmbeddedPostgres } from "../../packages/platos-tasks/src/store/embedded-postgres/supervise-embedded-postgres.ts";

/** Only processes die in a sweep, never the database: its disk need not be waited for. */
const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

export interface SweepServer {
  /** Makes an empty database; gives its connection string. */
  createDatabase(): Promise<string>;
  close(): Promise<void>;
}

/** The product's own Postgres in a temporary folder, deleted at the end. */
export async function startSweepServer(): Promise<SweepServer> {
  const homeDir = await mkdtemp(join(tmpdir(), "platos-sweep-"));
  // When root runs this, the user it lends to Postgres must get through.
  await chmod(homeDir, 0o711);
  const server = await superviseEmbeddedPostgres({ homeDir, log: silentLog, baseEnv: process.env, settings });
  let databases = 0;
  return {
    async createDatabase() {
      databases += 1;
      const name = `lane_${databases}`;
      const client = new pg.Client({ connectionString: server.connectionString });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      const url = new URL(server.connectionString);
      url.pathname = `/${name}`;
      return url.href;
    },
    async close() {
      await server.stop();
      await deleteEmbeddedPostgres({ homeDir });
      await rm(homeDir, { recursive: true, force: true });
    },
  };
}
