import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PlatosError } from "../../core/errors.ts";
import {
  accountForExistingDatabase,
  accountForNewDatabase,
  canReach,
  isRoot,
  type AccountOptions,
} from "./postgres-account.ts";
import { makeFolder, writePrivateFile } from "./private-files.ts";
import type { Account } from "./run-program.ts";

/** Where the pieces of one embedded database lie. All paths are real paths. */
export interface StorageLocation {
  readonly homeDir: string;
  /** `<homeDir>/postgres`: connection.json and the log. */
  readonly postgresDir: string;
  /** The folder of the data folder and of the lock: `postgresDir`, or one below `systemDir`. */
  readonly storageDir: string;
  readonly dataDir: string;
  /** Who Postgres runs as; undefined: as ourselves. */
  readonly account: Account | undefined;
}

/** Where root keeps what the `postgres` user could not reach below root's own folders. */
export const systemDir = "/var/lib/platos-tasks";

const locationFile = "data-location.json";

export function postgresDirOf(homeDir: string): string {
  return join(resolve(homeDir), "postgres");
}

/** Finds the database of a home folder, or decides where a new one goes. Makes the folders, not the database. */
export async function locateStorage(givenHomeDir: string, options: AccountOptions): Promise<StorageLocation> {
  // Root's folders can be passed through, not listed: the user Postgres runs as must get to its own folder below.
  const folderMode = isRoot() ? 0o711 : 0o700;
  await makeFolder(resolve(givenHomeDir), folderMode);
  const homeDir = await realpath(resolve(givenHomeDir));
  const postgresDir = join(homeDir, "postgres");
  await makeFolder(postgresDir, folderMode);
  const at = (storageDir: string, account: Account | undefined): StorageLocation => ({
    homeDir,
    postgresDir,
    storageDir,
    dataDir: join(storageDir, "data"),
    account,
  });

  const existing = await findExisting(homeDir);
  if (existing !== undefined) {
    const account = await accountForExistingDatabase(join(existing, "data"));
    if (account !== undefined && !(await canReach(existing, account))) throw unreachable(existing, account);
    return at(existing, account);
  }
  const account = await accountForNewDatabase(options);
  if (account === undefined || (await canReach(postgresDir, account))) return at(postgresDir, account);
  await makeFolder(systemDir, 0o755);
  await makeFolder(systemStorageDir(homeDir), 0o711);
  return at(systemStorageDir(homeDir), account);
}

/** Notes in the home folder that its data lie elsewhere, so that they are found (or missed loudly) ever after. */
export async function recordLocation(location: StorageLocation, options: AccountOptions): Promise<void> {
  if (location.storageDir === location.postgresDir) return;
  const path = join(location.postgresDir, locationFile);
  const text = `${JSON.stringify({ storageDir: location.storageDir })}\n`;
  if ((await readFile(path, "utf8").catch(() => "")) === text) return;
  await writePrivateFile(path, text);
  options.log.info(
    `the database lies in ${location.dataDir}, because the user that Postgres runs as cannot reach ${location.homeDir}`,
  );
}

/** The folder with the data of a home, if it has any yet. */
export async function findExisting(homeDir: string): Promise<string | undefined> {
  const postgresDir = join(homeDir, "postgres");
  const recorded = await recordedStorageDir(postgresDir);
  if (recorded !== undefined) {
    if (await hasData(recorded)) return recorded;
    throw new PlatosError(
      "store.unavailable",
      `The database of ${homeDir} lay in ${recorded}, and it is gone. Bring that folder back, or delete ${join(postgresDir, locationFile)} to begin with an empty database.`,
    );
  }
  if (await hasData(postgresDir)) return postgresDir;
  // Root may have been stopped between making the database and noting where.
  return isRoot() && (await hasData(systemStorageDir(homeDir))) ? systemStorageDir(homeDir) : undefined;
}

function systemStorageDir(homeDir: string): string {
  return join(systemDir, createHash("sha256").update(homeDir).digest("hex").slice(0, 12));
}

async function recordedStorageDir(postgresDir: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(join(postgresDir, locationFile), "utf8");
  } catch {
    return undefined;
  }
  const parsed = JSON.parse(text) as { readonly storageDir?: unknown };
  return typeof parsed.storageDir === "string" ? parsed.storageDir : undefined;
}

async function hasData(storageDir: string): Promise<boolean> {
  return stat(join(storageDir, "data")).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function unreachable(storageDir: string, account: Account): PlatosError {
  return new PlatosError(
    "store.unavailable",
    `The database in ${storageDir} belongs to user id ${account.uid}, who may not pass through the folders above it. Run as that user, or allow it with chmod o+x on those folders.`,
  );
}
