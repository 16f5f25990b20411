import { readConfig } from "../../packages/platos-tasks/src/config.ts";
import type { Clock } from "../../packages/platos-tasks/src/core/ports/clock.ts";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { openRuntime, type Runtime, type RuntimePorts } from "../../packages/platos-tasks/src/runtime.ts";
import { createSinkTools } from "../harness/outside/sink-tools.ts";
import type { ProductAddresses } from "./faulty-messages.ts";

export interface ProductOptions {
  readonly role: "server" | "worker";
  readonly decorate?: (ports: RuntimePorts) => RuntimePorts;
}

/** The product on a lane's database, with tools that leave traces and without patience. */
export async function openProduct(
  { connectionString, modelUrl, sinkUrl }: ProductAddresses,
  { role, decorate = (ports) => ports }: ProductOptions,
): Promise<Runtime> {
  return openRuntime({
    config: readConfig({
      PLATOS_ROLE: role,
      PLATOS_LOG_LEVEL: "silent",
      PLATOS_WORKER_CONCURRENCY: "8",
      OPENAI_COMPATIBLE_BASE_URL: modelUrl,
    }),
    connectionString,
    log: silentLog,
    tools: createSinkTools(sinkUrl),
    decorate: (ports) => decorate({ ...ports, clock: impatient(ports.clock) }),
  });
}

const longestSleepMs = 25;

/** Waits that only spare a database that is away: in a sweep nothing is away for long. */
function impatient(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(Math.min(ms, longestSleepMs), signal),
  };
}
