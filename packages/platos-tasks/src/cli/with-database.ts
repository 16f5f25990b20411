import type { Config } from "../config.ts";
import { Database, type DatabaseOptions } from "../store/database.ts";
import { createPinoLog } from "../system/pino-log.ts";
import { locateDatabase } from "./locate-database.ts";

/** Two for single statements, two for transactions: the doctor looks at two invariants at once. */
const poolSize = 4;

/** Runs with the bare database, as it is: nothing is migrated and nothing else is opened. */
export async function withDatabase<Result>(
  config: Config,
  run: (database: Database) => Promise<Result>,
  options: Pick<DatabaseOptions, "answerMs"> = {},
): Promise<Result> {
  const log = createPinoLog(config.logLevel);
  const { connectionString } = await locateDatabase(config, { supervise: false, log });
  const database = new Database({ ...options, connectionString, poolSize, log });
  try {
    return await run(database);
  } finally {
    await database.close();
  }
}
