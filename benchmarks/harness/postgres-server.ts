import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { deleteEmbeddedPostgres } from "../../packages/platos-tasks/src/store/embedded-postgres/delete-embedded-postgres.ts";
import { superviseEmbeddedPostgres } from "../../packages/platos-tasks/src/store/embedded-postgres/supervise-embedded-postgres.ts";
import { median } from "./statistics.ts";

export interface BenchDatabase {
  readonly name: string;
  readonly connectionString: string;
}

/** The embedded Postgres with the product's own settings (`fsync` on), in a home of its own that is deleted afterwards. */
export interface PostgresServer {
  /** For looking; on another database than those it counts transactions of. */
  readonly admin: pg.Client;
  createDatabase(): Promise<BenchDatabase>;
  /** Transactions ended in a database so far. Complete once the connections that made them are closed. */
  transactions(database: BenchDatabase): Promise<number>;
  /** Milliseconds of a small insert that commits by itself, median. */
  measureCommit(): Promise<number>;
  close(): Promise<void>;
}

export async function startPostgresServer(options: { readonly statements: boolean }): Promise<PostgresServer> {
  const homeDir = await mkdtemp(join(tmpdir(), "platos-bench-"));
  // When root measures, the user it lends to Postgres must get through.
  await chmod(homeDir, 0o711);
  const settings: Record<string, string> = options.statements
    ? { shared_preload_libraries: "pg_stat_statements", "pg_stat_statements.track_planning": "on" }
    : {};
  const server = await superviseEmbeddedPostgres({ homeDir, log: silentLog, baseEnv: process.env, settings });
  const admin = new pg.Client({ connectionString: server.connectionString });
  await admin.connect();
  if (options.statements) await admin.query("create extension if not exists pg_stat_statements");
  let databases = 0;
  return {
    admin,
    async createDatabase() {
      databases += 1;
      const name = `bench_${databases}`;
      await admin.query(`create database ${name}`);
      const url = new URL(server.connectionString);
      url.pathname = `/${name}`;
      return { name, connectionString: url.href };
    },
    async transactions(database) {
      const { rows } = await admin.query<{ count: string }>(
        "select xact_commit + xact_rollback as count from pg_stat_database where datname = $1",
        [database.name],
      );
      return Number(rows[0]?.count);
    },
    measureCommit: () => measureCommit(admin),
    async close() {
      await admin.end();
      await server.stop();
      await deleteEmbeddedPostgres({ homeDir });
      await rm(homeDir, { recursive: true, force: true });
    },
  };
}

async function measureCommit(client: pg.Client): Promise<number> {
  await client.query("create table if not exists commit_probe (n int)");
  const times: number[] = [];
  for (let n = 0; n < 200; n += 1) {
    const beganMs = performance.now();
    await client.query({ name: "probe", text: "insert into commit_probe values ($1)", values: [n] });
    times.push(performance.now() - beganMs);
  }
  return Number(median(times).toPrecision(3));
}
