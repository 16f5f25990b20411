import type { Config } from "../config.ts";
import { openRuntime, type Runtime } from "../runtime.ts";
import { createPinoLog } from "../system/pino-log.ts";
import { locateDatabase } from "./locate-database.ts";

/** Runs with a runtime on the database of a running (or our own) Postgres, without taking any work from it. */
export async function withRuntime<Result>(config: Config, run: (runtime: Runtime) => Promise<Result>): Promise<Result> {
  const log = createPinoLog(config.logLevel);
  const { connectionString } = await locateDatabase(config, { supervise: false, log });
  const runtime = await openRuntime({ config: { ...config, role: "server" }, connectionString, log });
  try {
    return await run(runtime);
  } finally {
    await runtime.stop({ graceMs: 0 });
  }
}
