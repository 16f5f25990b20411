// One process of the product as an operator would run it, a server or a worker, with what a harness needs beside it:
// tools that leave traces outside, a clock that may be wrong, reports of deliveries, and room for failpoints.
import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { exitCodes } from "../../../packages/platos-tasks/src/cli/command.ts";
import { Shutdown } from "../../../packages/platos-tasks/src/cli/shutdown.ts";
import { StopRequests } from "../../../packages/platos-tasks/src/cli/stop-requests.ts";
import { type Config, readConfig } from "../../../packages/platos-tasks/src/config.ts";
import { PlatosError } from "../../../packages/platos-tasks/src/core/errors.ts";
import {
  openRuntime,
  type Runtime,
  type RuntimeOptions,
  type RuntimePorts,
} from "../../../packages/platos-tasks/src/runtime.ts";
import { createPinoLog } from "../../../packages/platos-tasks/src/system/pino-log.ts";
import { reportDeliveries } from "./delivery-reports.ts";
import { type GoMessage, unavailableAtStart, type ProductMessage } from "./product-messages.ts";
import { shiftClock } from "./shifted-clock.ts";
import { createSinkTools } from "../outside/sink-tools.ts";

const graceMs = 10_000;
/** Where the database keeps crashing, ending and loading all the code again for another try would take a core. */
const startTries = 150;
const startPauseMs = 200;

/** What `CHAOS_DECORATOR` names: a module that puts itself between the ports. */
interface DecoratorModule {
  readonly decorate: (ports: RuntimePorts) => RuntimePorts;
}

function report(message: ProductMessage): void {
  // While the harness is going away, there is nobody left to tell.
  if (process.connected) process.send?.(message, () => undefined);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** One that was started ahead of time has loaded its code by now and waits until it is wanted. */
async function environment(): Promise<Environment> {
  if (process.env["CHAOS_WAITS"] === undefined) return process.env;
  const [go] = (await once(process, "message")) as [GoMessage];
  return { ...process.env, ...go.env };
}

async function main(env: Environment, stops: StopRequests): Promise<number> {
  const config = readConfig(env);
  const options = await runtimeOptions(config, env);
  const shutdown = await start(config, options);
  if (shutdown === null) return unavailableAtStart;
  const request = await stops.first;
  if ("error" in request) {
    console.error("nothing caught this:", request.error);
    // As the product's own command: a worker gives nothing back in order, so the crash counts.
    if (config.role !== "server") return exitCodes.failure;
  }
  const isClean = await shutdown.run();
  return isClean && !("error" in request) ? exitCodes.ok : exitCodes.failure;
}

/** Tries on while the database is away; null when that takes too long. */
async function start(config: Config, options: RuntimeOptions): Promise<Shutdown | null> {
  for (let tries = 1; tries <= startTries; tries += 1) {
    const shutdown = new Shutdown(createPinoLog(config.logLevel));
    try {
      const runtime = await openRuntime(options);
      shutdown.add("runtime", () => runtime.stop({ graceMs }));
      const url = config.role === "worker" ? null : await serve(config, { runtime, shutdown });
      if (config.role !== "server") await runtime.startWorker();
      report({ kind: "ready", url });
      // Whoever is killed writes no cache, and the next one would compile everything again.
      flushCompileCache();
      return shutdown;
    } catch (error) {
      await shutdown.run();
      if (!PlatosError.is(error) || !error.retryable) throw error;
      report({ kind: "database_away" });
      await delay(startPauseMs);
    }
  }
  return null;
}

async function runtimeOptions(config: Config, env: Environment): Promise<RuntimeOptions> {
  const { CHAOS_SINK_URL = "", CHAOS_CLOCK_OFFSET_MS = "0", CHAOS_DECORATOR } = env;
  const decorator = CHAOS_DECORATOR === undefined ? null : ((await import(CHAOS_DECORATOR)) as DecoratorModule);
  return {
    config,
    connectionString: config.databaseUrl ?? "",
    tools: createSinkTools(CHAOS_SINK_URL),
    decorate(ports) {
      const clock = shiftClock(ports.clock, Number(CHAOS_CLOCK_OFFSET_MS));
      const reported = { ...ports, clock, engine: reportDeliveries(ports.engine, report) };
      return decorator?.decorate(reported) ?? reported;
    },
  };
}

async function serve(
  config: Config,
  { runtime, shutdown }: { readonly runtime: Runtime; readonly shutdown: Shutdown },
): Promise<string> {
  // Workers start sooner without what only a server needs.
  const [{ seedDefaults }, { startServer }] = await Promise.all([
    import("../../../packages/platos-tasks/src/operations/seed.ts"),
    import("../../../packages/platos-tasks/src/server/start-server.ts"),
  ]);
  const { apiKey, model, isModelChosen } = config;
  await seedDefaults(runtime.operations, { apiKey, model, isModelChosen, toolNames: runtime.toolNames });
  const server = await startServer({ runtime, config, dashboardDir: null });
  shutdown.add("server", () => server.close());
  return server.url;
}

// Whoever started us is gone: nobody would ever end us.
process.once("disconnect", () => process.exit(exitCodes.failure));
const env = await environment();
const code = await main(env, new StopRequests()).catch((error: unknown) => {
  console.error("could not start:", error);
  return exitCodes.failure;
});
process.exit(code);
