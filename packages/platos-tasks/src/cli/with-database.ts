import type { Config } from "../config.ts";
import { Database } from "../store/database.ts";
import { createPinoLog } from "../system/pino-log.ts";
import { locateDatabase } from "./locate-database.ts";

/** Runs with the bare database, as it is: nothing is migrated and nothing else is opened. */
export async function withDatabase<Result>(
  config: Config,
  run: (database: Database) => Promise<Result>,
): Promise<Result> {
  const log = createPinoLog(config.logLevel);
  const { connectionString } = await locateDatabase(config, { supervise: false, log });
  const database = new Database({ connectionString, poolSize: 2, log });
  try {
    return await run(database);
  } finally {
    await database.close();
  }
}
