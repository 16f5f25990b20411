import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { PlatosError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import { runProgram, type Account } from "./run-program.ts";

export interface AccountOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * The user Postgres runs as. Postgres refuses to run as root, so root lends it another one: whoever owns the data
 * already there, else the system's `postgres` user, made if it is missing. Undefined means: as ourselves.
 */
export async function accountForNewDatabase(options: AccountOptions): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const existing = await lookUpAccount(options.env);
  if (existing !== undefined) return existing;
  await runProgram("groupadd", ["--system", "postgres"], options);
  const args = ["--system", "--gid", "postgres", "--no-create-home", "--home-dir", "/nonexistent", "postgres"];
  const result = await runProgram("useradd", ["--shell", "/usr/sbin/nologin", ...args], options);
  const made = await lookUpAccount(options.env);
  if (made === undefined) throw noAccount(result.output.trim());
  options.log.info("made the system user postgres: Postgres does not run as root");
  return made;
}

/** The owner of a data folder: Postgres insists on being run by exactly that user. */
export async function accountForExistingDatabase(dataDir: string): Promise<Account | undefined> {
  if (process.geteuid === undefined) return undefined;
  const { uid, gid } = await stat(dataDir);
  if (isRoot()) {
    if (uid !== 0) return { uid, gid };
    throw new PlatosError(
      "store.unavailable",
      `The database folder ${dataDir} belongs to root, and Postgres does not run as root. Give it back to its user: chown -R postgres ${dataDir}`,
    );
  }
  if (uid === process.geteuid()) return undefined;
  throw new PlatosError(
    "store.unavailable",
    `The database folder ${dataDir} belongs to user id ${uid}, this process runs as ${process.geteuid()}. Run it as the user who started it first (or as root), or give another PLATOS_HOME.`,
  );
}

/** Whether an account may pass through every folder of a path, by the mode bits (which is what a plain system has). */
export async function canReach(path: string, account: Account): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { uid, gid, mode } = await stat(folder);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function lookUpAccount(env: NodeJS.ProcessEnv): Promise<Account | undefined> {
  const [user, group] = await Promise.all([
    runProgram("id", ["-u", "postgres"], { env }),
    runProgram("id", ["-g", "postgres"], { env }),
  ]);
  if (user.code !== 0 || group.code !== 0) return undefined;
  return { uid: Number(user.output), gid: Number(group.output) };
}

function noAccount(output: string): PlatosError {
  return new PlatosError(
    "store.unavailable",
    "Postgres does not run as root, and the system user `postgres` could neither be found nor made" +
      `${output === "" ? "" : ` (${output})`}. Run as an ordinary user, or make it with: useradd --system postgres; or set DATABASE_URL.`,
  );
}
