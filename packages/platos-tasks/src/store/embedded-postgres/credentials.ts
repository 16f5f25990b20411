import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PlatosError } from "../../core/errors.ts";
import { writePrivateFile } from "./private-files.ts";
import type { Account } from "./run-program.ts";

/** How to sign in to a database, and the port it prefers. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly port: number;
}

const fileName = "platos-credentials.json";

export const embeddedHost = "127.0.0.1";

export function newCredentials(port: number): Credentials {
  return { user: "platos", password: randomBytes(32).toString("base64url"), database: "platos", port };
}

/**
 * They lie inside the data folder, so that they come into being, are backed up and are moved with the data: a database
 * whose password is elsewhere can be orphaned by one lost file.
 */
export async function writeCredentials(dataDir: string, credentials: Credentials, owner?: Account): Promise<void> {
  await writePrivateFile(join(dataDir, fileName), `${JSON.stringify(credentials)}\n`, owner);
}

export async function readCredentials(dataDir: string): Promise<Credentials> {
  try {
    return JSON.parse(await readFile(join(dataDir, fileName), "utf8")) as Credentials;
  } catch (error) {
    throw new PlatosError(
      "store.unavailable",
      `${join(dataDir, fileName)} is missing or damaged, and without it nobody can sign in to the database. Restore that file from a backup of the folder.`,
      { cause: error },
    );
  }
}

export function connectionStringOf(credentials: Omit<Credentials, "port">, port: number): string {
  const { user, password, database } = credentials;
  return `postgres://${user}:${password}@${embeddedHost}:${port}/${database}`;
}
