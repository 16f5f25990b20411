import { PlatosError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Cluster } from "./cluster.ts";
import { checkDataVersion, createCluster, removeUnfinishedClusters } from "./create-cluster.ts";
import { readCredentials } from "./credentials.ts";
import { adviceOn } from "./disk-room.ts";
import { preparePostgresBinaries } from "./postgres-binaries.ts";
import { programEnvironment } from "./run-program.ts";
import type { ServerSettings } from "./server-settings.ts";
import { findExisting, locateStorage, recordLocation, systemDir } from "./storage-location.ts";
import { SupervisedPostgres } from "./supervised-postgres.ts";
import { takeSupervisorLock } from "./supervisor-lock.ts";

export interface EmbeddedPostgresOptions {
  /** `PLATOS_HOME`; made if it is missing. Everything derives from it. */
  readonly homeDir: string;
  readonly log: Log;
  /** The process' environment; only paths and temporary folders are taken from it. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  /** Postgres settings over the defaults; tests turn `fsync` off. */
  readonly settings?: ServerSettings;
}

export interface EmbeddedPostgres {
  /** Stays the same while this process runs, also across crashes of the database. */
  readonly connectionString: string;
  /** True when the database had survived a killed supervisor and was adopted. */
  readonly attached: boolean;
  /** Stops the database in order and gives up ownership. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Makes (once), starts and keeps running the database of a home folder. One process per folder: a second one fails with
 * `store.unavailable` at once. If this process is killed, the database runs on and the next supervisor adopts it.
 */
export async function superviseEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await supervise(options);
  } catch (error) {
    throw PlatosError.is(error) ? error : await unusableFolder(options.homeDir, error);
  }
}

async function supervise(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, settings = {} } = options;
  const env = programEnvironment(options.baseEnv);
  const location = await locateStorage(options.homeDir, { env, log });
  const lock = await takeSupervisorLock(location);
  try {
    const { account, dataDir, homeDir, storageDir } = location;
    const [binaries] = await Promise.all([
      preparePostgresBinaries({ env, log, account, copiesDir: systemDir }),
      removeUnfinishedClusters(storageDir),
    ]);
    if ((await findExisting(homeDir)) === undefined) {
      log.info("making the embedded database", { folder: dataDir });
      await createCluster({ location, binaries, env, durable: settings["fsync"] !== "off" });
    }
    await recordLocation(location, { env, log });
    await checkDataVersion(dataDir);
    const cluster: Cluster = { location, binaries, credentials: await readCredentials(dataDir), settings, env, log };
    return await SupervisedPostgres.start(cluster, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function unusableFolder(homeDir: string, error: unknown): Promise<PlatosError> {
  const said = error instanceof Error ? error.message : String(error);
  const unwritable = "Check that the folder can be written, give another PLATOS_HOME, or set DATABASE_URL.";
  return new PlatosError(
    "store.unavailable",
    `The embedded database of ${homeDir} could not be started: ${said}. ${await adviceOn(homeDir, said, unwritable)}`,
    { cause: error },
  );
}
