import type { Config } from "../config.ts";
import { PlatosError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import { Database } from "../store/database.ts";
import { attachToEmbeddedPostgres } from "../store/embedded-postgres/attach-to-embedded-postgres.ts";
import { superviseEmbeddedPostgres } from "../store/embedded-postgres/supervise-embedded-postgres.ts";
import { minimumPostgres, postgresVersion } from "./postgres-version.ts";

export interface LocatedDatabase {
  readonly connectionString: string;
  /** Stops the embedded database, if this process runs it. */
  stop(): Promise<void>;
}

/**
 * The database to work on: `DATABASE_URL`, else the embedded one, which this process runs (`supervise`) or finds
 * running. Fails with `store.unavailable` that says what to do; it is retryable where waiting may help.
 */
export async function locateDatabase(
  config: Config,
  { supervise, log }: { readonly supervise: boolean; readonly log: Log },
): Promise<LocatedDatabase> {
  const { databaseUrl, homeDir, baseEnv } = config;
  if (databaseUrl !== undefined) {
    await checkDatabase(databaseUrl, log);
    return { connectionString: databaseUrl, stop: () => Promise.resolve() };
  }
  if (supervise) return superviseEmbeddedPostgres({ homeDir, log, baseEnv });
  return { ...(await attachToEmbeddedPostgres({ homeDir })), stop: () => Promise.resolve() };
}

async function checkDatabase(databaseUrl: string, log: Log): Promise<void> {
  const database = new Database({ connectionString: databaseUrl, poolSize: 1, log });
  try {
    const version = await postgresVersion(database);
    if (version.isSupported) return;
    throw new PlatosError(
      "store.unavailable",
      `The database of DATABASE_URL is Postgres ${version.text}; Platos Tasks needs ${minimumPostgres} or newer.`,
    );
  } catch (error) {
    if (PlatosError.is(error) && error.cause === undefined) throw error;
    throw new PlatosError(
      "store.unavailable",
      `The database of DATABASE_URL (${addressOf(databaseUrl)}) cannot be used: ${reasonOf(error)}. Check that it runs and that address, user, password and database name are right, or leave DATABASE_URL out to use the embedded database.`,
      { cause: error, retryable: PlatosError.is(error) && error.retryable },
    );
  } finally {
    await database.close();
  }
}

/** Host, port and database; never the user or the password. */
function addressOf(databaseUrl: string): string {
  const url = URL.parse(databaseUrl);
  if (url === null) return "which is not a valid address";
  return `${url.host === "" ? (url.searchParams.get("host") ?? "local") : url.host}${url.pathname}`;
}

function reasonOf(error: unknown): string {
  const cause = PlatosError.is(error) ? error.cause : error;
  // Of several addresses of one name each has failed for its own reason; the first will do.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error ? first.message : String(first);
}
