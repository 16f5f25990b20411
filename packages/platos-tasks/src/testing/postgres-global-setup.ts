import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { silentLog } from "../core/ports/log.ts";
import { deleteEmbeddedPostgres } from "../store/embedded-postgres/delete-embedded-postgres.ts";
import {
  superviseEmbeddedPostgres,
  type EmbeddedPostgres,
} from "../store/embedded-postgres/supervise-embedded-postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of a superuser on the run's own Postgres server. */
    postgresUrl: string;
  }
}

const prefix = "platos-test-postgres-";

/** Throwaway data need no protection from power cuts. Connections are for two test files at a time. */
const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

let homeDir: string | undefined;
let server: EmbeddedPostgres | undefined;

/** One server per test run, or the one `TEST_DATABASE_URL` names. Test files make their own databases on it. */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given !== undefined && given !== "") {
    project.provide("postgresUrl", given);
    return;
  }
  await removeLeftServers();
  homeDir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  // When root runs the tests, the user it lends to Postgres must get through.
  await chmod(homeDir, 0o711);
  server = await start(homeDir);
  project.provide("postgresUrl", server.connectionString);
}

export async function teardown(): Promise<void> {
  await server?.stop();
  if (homeDir !== undefined) await remove(homeDir);
  server = undefined;
  homeDir = undefined;
}

async function start(home: string): Promise<EmbeddedPostgres> {
  return superviseEmbeddedPostgres({ homeDir: home, log: silentLog, baseEnv: process.env, settings });
}

async function remove(home: string): Promise<void> {
  await deleteEmbeddedPostgres({ homeDir: home });
  await rm(home, { recursive: true, force: true });
}

/** A run that was killed has left its server running: it is adopted, stopped and deleted. */
async function removeLeftServers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`, "u").exec(name)?.[1] ?? Number.NaN);
    if (!Number.isInteger(pid) || isRunning(pid)) continue;
    const home = join(tmpdir(), name);
    try {
      await (await start(home)).stop();
      await remove(home);
    } catch {
      // Another user's, or another run is at it.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
