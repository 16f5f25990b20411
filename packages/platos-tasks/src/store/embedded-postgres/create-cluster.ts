import { chown, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PlatosError } from "../../core/errors.ts";
import { newCredentials, writeCredentials } from "./credentials.ts";
import { adviceOn } from "./disk-room.ts";
import { freePort } from "./free-port.ts";
import { postgresMajor, type PostgresBinaries } from "./postgres-binaries.ts";
import { syncFolder } from "./private-files.ts";
import { runProgram } from "./run-program.ts";
import type { StorageLocation } from "./storage-location.ts";

export interface CreateClusterOptions {
  readonly location: StorageLocation;
  readonly binaries: PostgresBinaries;
  readonly env: NodeJS.ProcessEnv;
  /** False for throwaway databases: initdb then does not wait for the disk. */
  readonly durable: boolean;
}

const prefix = "init-";

/**
 * Makes the data folder, in a temporary one that is renamed when it is whole: a data folder that exists is complete,
 * whenever the process is killed. The supervisor's lock must be held.
 */
export async function createCluster(options: CreateClusterOptions): Promise<void> {
  const { location } = options;
  const { account, storageDir, dataDir } = location;
  const workDir = await mkdtemp(join(storageDir, prefix));
  try {
    if (account !== undefined) await chown(workDir, account.uid, account.gid);
    const newDataDir = join(workDir, "data");
    const credentials = newCredentials(await freePort());
    const passwordFile = join(workDir, "password");
    await writeFile(passwordFile, `${credentials.password}\n`, { mode: 0o600, flag: "wx" });
    if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
    await initialise(options, [`--pgdata=${newDataDir}`, `--username=${credentials.user}`, `--pwfile=${passwordFile}`]);
    await writeCredentials(newDataDir, credentials, account);
    await rename(newDataDir, dataDir);
    if (options.durable) await syncFolder(storageDir);
  } finally {
    await removeQuietly(workDir);
  }
}

async function initialise(options: CreateClusterOptions, args: readonly string[]): Promise<void> {
  const result = await runProgram(
    options.binaries.initdb,
    [
      ...args,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // Postgres' own locale: text sorts the same on every system and after every upgrade of one.
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--no-instructions",
      ...(options.durable ? [] : ["--no-sync"]),
    ],
    { env: options.env, account: options.location.account },
  );
  if (result.code === 0) return;
  const said = result.spawnError?.message ?? result.output.trim().split("\n").slice(-5).join("\n");
  const { storageDir } = options.location;
  const advice = await adviceOn(storageDir, said, "Give another PLATOS_HOME, or set DATABASE_URL.");
  throw new PlatosError(
    "store.unavailable",
    `The embedded database could not be made in ${storageDir}. initdb said: ${said}\n${advice}`,
  );
}

/** Removes what a start that was killed has left. */
export async function removeUnfinishedClusters(storageDir: string): Promise<void> {
  for (const name of await readdir(storageDir)) {
    if (name.startsWith(prefix)) await removeQuietly(join(storageDir, name));
  }
}

/** A killed supervisor's initdb may still be writing there; then the next start removes it. */
async function removeQuietly(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined);
}

/** Fails when the data were made by a Postgres whose data this one cannot read. */
export async function checkDataVersion(dataDir: string): Promise<void> {
  const version = (await readFile(join(dataDir, "PG_VERSION"), "utf8").catch(() => "")).trim();
  if (version === postgresMajor) return;
  throw new PlatosError(
    "store.unavailable",
    version === ""
      ? `${dataDir} is not a Postgres data folder, or a damaged one. Restore it from a backup, or move it away to begin with an empty database.`
      : `The data in ${dataDir} were made by Postgres ${version}, this release runs Postgres ${postgresMajor}. Use the release that made them to dump the data, move the folder away, and load the dump.`,
  );
}
