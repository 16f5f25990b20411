import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PlatosError } from "../../core/errors.ts";
import { writePrivateFile } from "./private-files.ts";

/** `<PLATOS_HOME>/postgres/connection.json`, there while a supervisor keeps the database running. */
export interface ConnectionFile {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The database's own process. */
  readonly pid: number;
  readonly supervisorPid: number;
}

const fileName = "connection.json";

export async function writeConnectionFile(postgresDir: string, connection: ConnectionFile): Promise<void> {
  await writePrivateFile(join(postgresDir, fileName), `${JSON.stringify(connection, null, 2)}\n`);
}

export async function removeConnectionFile(postgresDir: string): Promise<void> {
  await rm(join(postgresDir, fileName), { force: true });
}

/** Undefined when no database is being run there. */
export async function readConnectionFile(postgresDir: string): Promise<ConnectionFile | undefined> {
  const path = join(postgresDir, fileName);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new PlatosError("store.unavailable", `${path} cannot be read. Run as the user who runs the server.`, {
      cause: error,
    });
  }
  return JSON.parse(text) as ConnectionFile;
}
