import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import type { Cluster } from "../../../packages/platos-tasks/src/store/embedded-postgres/cluster.ts";
import { createCluster } from "../../../packages/platos-tasks/src/store/embedded-postgres/create-cluster.ts";
import {
  connectionStringOf,
  readCredentials,
} from "../../../packages/platos-tasks/src/store/embedded-postgres/credentials.ts";
import { deleteEmbeddedPostgres } from "../../../packages/platos-tasks/src/store/embedded-postgres/delete-embedded-postgres.ts";
import {
  obtainPostmaster,
  type Postmaster,
} from "../../../packages/platos-tasks/src/store/embedded-postgres/obtain-postmaster.ts";
import { preparePostgresBinaries } from "../../../packages/platos-tasks/src/store/embedded-postgres/postgres-binaries.ts";
import { isProcessRunning } from "../../../packages/platos-tasks/src/store/embedded-postgres/postmaster-pid-file.ts";
import { createDatabase } from "../../../packages/platos-tasks/src/store/embedded-postgres/probe-database.ts";
import { programEnvironment } from "../../../packages/platos-tasks/src/store/embedded-postgres/run-program.ts";
import type { ServerSettings } from "../../../packages/platos-tasks/src/store/embedded-postgres/server-settings.ts";
import { stopPostmaster } from "../../../packages/platos-tasks/src/store/embedded-postgres/stop-postmaster.ts";
import {
  locateStorage,
  recordLocation,
  systemDir,
} from "../../../packages/platos-tasks/src/store/embedded-postgres/storage-location.ts";
import { until } from "../until.ts";

export type CrashKind = "immediate" | "kill_postmaster";

/** The product's own Postgres with its own settings (`fsync` on), and nobody but us who starts it again. */
export interface CrashingPostgres {
  readonly connectionString: string;
  /** `immediate`: as `pg_ctl -m immediate`, every process ends at once; `kill_postmaster`: SIGKILL to the first one. */
  crash(kind: CrashKind): Promise<void>;
  /** Resolves when it has recovered and takes connections again, on the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface CrashingPostgresOptions {
  /** A folder that is there and stays; absent: a temporary one. */
  readonly homeDir?: string;
  readonly settings?: ServerSettings;
}

const crashMs = 10_000;

/** On a new database, deleted at the end. */
export async function startCrashingPostgres(options: CrashingPostgresOptions = {}): Promise<CrashingPostgres> {
  const homeDir = options.homeDir ?? (await mkdtemp(join(tmpdir(), "platos-chaos-")));
  // When root runs this, the user it lends to Postgres must get through.
  await chmod(homeDir, 0o711);
  const cluster = await makeCluster(homeDir, options.settings ?? {});
  const { signal } = new AbortController();
  let postmaster: Postmaster = await obtainPostmaster(cluster, { signal });
  const { port } = postmaster;
  await createDatabase({ credentials: cluster.credentials, port });
  return {
    connectionString: connectionStringOf(cluster.credentials, port),
    async crash(kind) {
      process.kill(postmaster.pid, kind === "immediate" ? "SIGQUIT" : "SIGKILL");
      const { pid } = postmaster;
      await until(`Postgres (process ${pid}) to end`, () => !isProcessRunning(pid), { withinMs: crashMs, everyMs: 5 });
    },
    async start() {
      postmaster = await obtainPostmaster(cluster, { fixedPort: port, signal });
    },
    async close() {
      await stopPostmaster(cluster, postmaster.pid);
      await deleteEmbeddedPostgres({ homeDir });
      if (options.homeDir === undefined) await rm(homeDir, { recursive: true, force: true });
    },
  };
}

async function makeCluster(homeDir: string, settings: ServerSettings): Promise<Cluster> {
  const log = silentLog;
  const env = programEnvironment(process.env);
  const location = await locateStorage(homeDir, { env, log });
  const { account } = location;
  const binaries = await preparePostgresBinaries({ env, log, account, copiesDir: systemDir });
  await createCluster({ location, binaries, env, durable: true });
  await recordLocation(location, { env, log });
  return { location, binaries, credentials: await readCredentials(location.dataDir), settings, env, log };
}
