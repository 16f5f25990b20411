import { lchown, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PlatosError } from "../../core/errors.ts";
import { writePrivateFile } from "./private-files.ts";
import type { StorageLocation } from "./storage-location.ts";

export interface SupervisorLock {
  release(): Promise<void>;
}

/** A lock must not be garbage-collected away with the object that stands for it. */
const held = new Set<DatabaseSync>();

const sqliteBusy = 5;

/**
 * Takes the right to supervise the database in a folder, or fails at once naming the process that has it.
 *
 * The lock is the kernel's own file lock, so it ends with the process however that ends, needs no age, no heartbeat and
 * no clean-up, and two that start at the same moment cannot both have it. Node has no call for file locks, but SQLite,
 * which comes with Node, takes one for `begin exclusive` on every platform. The file stays empty. Nothing else may ever
 * open it in this process: closing any handle of a file drops the process' POSIX locks on it.
 */
export async function takeSupervisorLock(
  location: Pick<StorageLocation, "account" | "homeDir" | "storageDir">,
): Promise<SupervisorLock> {
  const { account, homeDir, storageDir } = location;
  const ownerFile = join(storageDir, "supervisor.json");
  const lockPath = join(storageDir, "supervisor.lock");
  const lock = lockFile(lockPath);
  if (lock === undefined) throw await refusal(ownerFile, homeDir);
  held.add(lock);
  const release = async (): Promise<void> => {
    if (!held.delete(lock)) return;
    await rm(ownerFile, { force: true });
    lock.close();
  };
  try {
    // What root makes must not stand in the way of the data's owner later.
    if (account !== undefined) await lchown(lockPath, account.uid, account.gid);
    await writePrivateFile(ownerFile, `${JSON.stringify({ pid: process.pid, since: new Date().toISOString() })}\n`);
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

function lockFile(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec("begin exclusive");
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && "errcode" in error && error.errcode === sqliteBusy) return undefined;
    throw new PlatosError(
      "store.unavailable",
      `The lock file ${path} cannot be locked. Check that its folder can be written and is on a file system with locks (not every network share has them).`,
      { cause: error },
    );
  }
}

async function refusal(ownerFile: string, homeDir: string): Promise<PlatosError> {
  const owner = await readFile(ownerFile, "utf8").catch(() => "");
  const pid = /"pid":(\d+)/u.exec(owner)?.[1];
  return new PlatosError(
    "store.unavailable",
    `The database of ${homeDir} is already run by ${pid === undefined ? "another process" : `process ${pid}`}. ` +
      "To add workers, start `platos worker` with the same PLATOS_HOME; for a separate instance give another PLATOS_HOME; otherwise stop that process first.",
  );
}
