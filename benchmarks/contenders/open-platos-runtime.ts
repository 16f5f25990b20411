import { z } from "zod";
import { readConfig } from "../../packages/platos-tasks/src/config.ts";
import { defineTool } from "../../packages/platos-tasks/src/core/tool.ts";
import { openRuntime, type Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import type { ContenderSettings } from "./contender.ts";

const noop = defineTool({
  name: "noop",
  description: "Does nothing.",
  effect: "pure",
  inputSchema: z.object({}),
  run: async () => "ok",
});

/** The product's own runtime, as it runs for users, with the stub as its model and a tool that does nothing. */
export async function openPlatosRuntime(
  settings: ContenderSettings,
  role: "all" | "server" | "worker",
): Promise<Runtime> {
  return openRuntime({
    config: readConfig({
      PLATOS_ROLE: role,
      PLATOS_WORKER_CONCURRENCY: String(settings.concurrency),
      OPENAI_COMPATIBLE_BASE_URL: settings.modelUrl,
    }),
    connectionString: settings.connectionString,
    tools: [noop],
  });
}
