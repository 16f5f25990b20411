import type { Config } from "../config.ts";
import { isStoreFailure } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import { createLoginToken } from "../operations/login.ts";
import { seedDefaults } from "../operations/seed.ts";
import { openRuntime, type Runtime } from "../runtime.ts";
import { startServer } from "../server/start-server.ts";
import { createPinoLog } from "../system/pino-log.ts";
import { exitCodes } from "./command.ts";
import { findDashboard } from "./find-dashboard.ts";
import { locateDatabase } from "./locate-database.ts";
import { Shutdown } from "./shutdown.ts";
import { exposureWarning, modelLine } from "./start-messages.ts";
import { StopRequests } from "./stop-requests.ts";
import type { Terminal } from "./terminal.ts";
import { unexpectedErrorMessage } from "./unexpected-error.ts";
import { waitForDatabase } from "./wait-for-database.ts";

/** How long running segments may go on once we are told to stop. */
const graceMs = 10_000;
/** How long the database gets when somebody insists. */
const forcedStopMs = 5000;

/**
 * Starts what the role asks for, says so in one line, runs until it is told to stop, and leaves nothing behind. Gives
 * the exit code: 0 after a clean drain.
 */
export async function serve(config: Config, terminal: Terminal): Promise<number> {
  const stops = new StopRequests();
  const log = createPinoLog(config.logLevel);
  const shutdown = new Shutdown(log);
  void stops.second.then(() => stopAtOnce(shutdown, terminal));
  try {
    await start({ config, terminal, log, shutdown, stops }).catch((error: unknown) => {
      // Nobody waits for the database any more.
      if (!stops.isStopping || !isStoreFailure(error)) throw error;
    });
    const request = await stops.first;
    if ("error" in request) {
      terminal.complain(unexpectedErrorMessage(request.error));
      log.error("an error that nothing caught; stopping", { error: stackOf(request.error) });
      if (config.role !== "server") await endAsCrashed(shutdown);
    }
    const isClean = await shutdown.run();
    return isClean && !("error" in request) ? exitCodes.ok : exitCodes.failure;
  } catch (error) {
    await shutdown.run();
    throw error;
  } finally {
    stops.close();
  }
}

interface Starting {
  readonly config: Config;
  readonly terminal: Terminal;
  readonly log: Log;
  readonly shutdown: Shutdown;
  readonly stops: StopRequests;
}

/** Runs a step, again while the database is away. */
type Patiently = <Result>(step: () => Promise<Result>) => Promise<Result>;

async function start({ config, terminal, log, shutdown, stops }: Starting): Promise<void> {
  const serves = config.role !== "worker";
  const warning = serves ? exposureWarning(config.host) : null;
  if (warning !== null) terminal.complain(warning);
  const patiently: Patiently = (step) =>
    waitForDatabase(step, {
      complain: (line) => terminal.complain(line),
      isStopping: () => stops.isStopping,
    });
  const database = await patiently(() => locateDatabase(config, { supervise: serves, log }));
  shutdown.add("database", () => database.stop());
  if (stops.isStopping) return;
  const { connectionString } = database;
  const runtime = await patiently(() => openRuntime({ config, connectionString, log }));
  shutdown.add("runtime", () => runtime.stop({ graceMs }));
  if (stops.isStopping) return;
  const greeting = serves
    ? await startServing({ config, runtime, shutdown, patiently })
    : ["Platos Tasks worker ready"];
  if (config.role !== "server") await runtime.startWorker();
  if (stops.isStopping) return;
  for (const line of greeting) terminal.print(line);
}

/** The lines to print once everything runs. */
async function startServing({
  config,
  runtime,
  shutdown,
  patiently,
}: Pick<Starting, "config" | "shutdown"> & {
  readonly runtime: Runtime;
  readonly patiently: Patiently;
}): Promise<string[]> {
  const { apiKey, model, isModelChosen } = config;
  const { operations, toolNames } = runtime;
  const server = await startServer({ runtime, config, dashboardDir: findDashboard() });
  shutdown.add("server", () => server.close());
  // Once we have the port: a key that is shown once would be lost with a start that fails.
  const { environment, newKey } = await patiently(() =>
    seedDefaults(operations, { apiKey, model, isModelChosen, toolNames }),
  );
  const token = await patiently(() => createLoginToken(operations, environment));
  return [
    `Platos Tasks ready at ${server.url}`,
    ...(newKey === null ? [] : [`API key: ${newKey} (shown once)`]),
    `Open ${server.url}/login?token=${token} (works once, within five minutes; platos open makes another)`,
    modelLine(model),
  ];
}

async function stopAtOnce(shutdown: Shutdown, terminal: Terminal): Promise<void> {
  terminal.complain("Stopping at once. What was running goes on at the next start.");
  await shutdown.runOnly("database", forcedStopMs);
  process.exit(exitCodes.failure);
}

/**
 * What runs here may be the cause. Given back in order it would do the same to the next worker, and to the one after
 * that: nothing would count how often. So this is a crash like any other, and leases run out.
 */
async function endAsCrashed(shutdown: Shutdown): Promise<never> {
  await shutdown.runOnly("database", forcedStopMs);
  process.exit(exitCodes.failure);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
