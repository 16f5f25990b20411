import type { Tool } from "../core/tool.ts";
import type { BoundAgent } from "./bound-agent.ts";
import { spawnBgoTool } from "./spawn-bgo.ts";

const deprecationNotice = "spawn_task is the old name of spawn_bgo and will go away. Call spawn_bgo instead.";

/** The old name of `spawn_bgo`: the same code path, told and counted. */
export function spawnTaskTool(bound: BoundAgent): Tool {
  const spawnBgo = spawnBgoTool({ ...bound, deprecatedAlias: "spawn_task" });
  return {
    ...spawnBgo,
    name: "spawn_task",
    description: `Deprecated alias of spawn_bgo: use that one. ${spawnBgo.description}`,
    run: async (input, context) => ({ ...((await spawnBgo.run(input, context)) as object), deprecationNotice }),
  };
}
