import { setTimeout as delay } from "node:timers/promises";
import { PlatosError } from "../../core/errors.ts";
import { readConnectionFile } from "./connection-file.ts";
import { connectionStringOf } from "./credentials.ts";
import { probeDatabase } from "./probe-database.ts";
import { postgresDirOf } from "./storage-location.ts";

const patienceMs = 10_000;
const pauseMs = 200;

/**
 * Finds the database that another process on this machine supervises, for workers and the CLI. Never starts or stops
 * one. Waits up to ten seconds for one that is being restarted; fails with `store.unavailable`.
 */
export async function attachToEmbeddedPostgres(options: {
  readonly homeDir: string;
}): Promise<{ readonly connectionString: string }> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const connection = await readConnectionFile(postgresDirOf(options.homeDir));
    if (connection === undefined) throw notRunning(options.homeDir);
    const probe = await probeDatabase({ credentials: connection, port: connection.port });
    if (probe.state === "ready") return { connectionString: connectionStringOf(connection, connection.port) };
    if (performance.now() > until)
      throw notAnswering(options.homeDir, probe.state === "no_database" ? "" : probe.reason);
    await delay(pauseMs);
  }
}

function notRunning(homeDir: string): PlatosError {
  return new PlatosError(
    "store.unavailable",
    `No database is running under ${homeDir}. Start \`platos dev\` or \`platos server\` with this PLATOS_HOME first, or set DATABASE_URL.`,
  );
}

function notAnswering(homeDir: string, reason: string): PlatosError {
  return new PlatosError(
    "store.unavailable",
    `The database under ${homeDir} does not answer (${reason}). If its server was killed, start \`platos dev\` or \`platos server\` again: it takes the database over.`,
    { retryable: true },
  );
}
