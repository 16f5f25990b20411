import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { connectionStringOf, type Credentials } from "./credentials.ts";

export interface ProbeTarget {
  readonly credentials: Omit<Credentials, "port">;
  readonly port: number;
  /** The answering server must be the one of this folder. */
  readonly dataDir?: string;
}

/** `no_database`: the server is up and our password is right, but our database was never made. */
export type Probe =
  | { readonly state: "ready" }
  | { readonly state: "no_database" }
  | { readonly state: "starting" | "unreachable"; readonly reason: string };

const timeoutMs = 3000;
const queryMs = 30_000;
const unknownDatabase = "3D000";
const cannotConnectNow = "57P03";
const duplicateDatabase = "42P04";

/** Tries to sign in once. Never rejects. */
export async function probeDatabase(target: ProbeTarget): Promise<Probe> {
  try {
    const directory = await withClient(target, target.credentials.database, async (client) => {
      const { rows } = await client.query<{ directory: string }>(
        "select current_setting('data_directory') as directory",
      );
      return rows[0]?.directory;
    });
    if (target.dataDir === undefined || directory === target.dataDir) return { state: "ready" };
    return { state: "unreachable", reason: `port ${target.port} is answered by the database of ${directory}` };
  } catch (error) {
    const code = codeOf(error);
    if (code === unknownDatabase) return { state: "no_database" };
    const reason = error instanceof Error && error.message !== "" ? error.message : code;
    return { state: code === cannotConnectNow ? "starting" : "unreachable", reason };
  }
}

export async function createDatabase(target: ProbeTarget): Promise<void> {
  const { database } = target.credentials;
  try {
    await withClient(target, "postgres", (client) => client.query(`create database ${pg.escapeIdentifier(database)}`));
  } catch (error) {
    if (codeOf(error) !== duplicateDatabase) throw error;
  }
}

async function withClient<Result>(
  target: ProbeTarget,
  database: string,
  run: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: connectionStringOf({ ...target.credentials, database }, target.port),
    connectionTimeoutMillis: timeoutMs,
    query_timeout: queryMs,
    application_name: "platos-tasks supervisor",
  });
  // A server that dies under the connection says so here as well as to the query.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await run(client);
  } finally {
    // A client whose server died in mid-connect may never tell that it has ended.
    await Promise.race([client.end().catch(() => undefined), delay(timeoutMs, undefined, { ref: false })]);
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
