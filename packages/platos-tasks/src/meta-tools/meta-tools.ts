import type { Tool } from "../core/tool.ts";
import { spawnTaskTool } from "./aliases.ts";
import type { BoundAgent, BoundSubAgent } from "./bound-agent.ts";
import { cancelBgoTool } from "./cancel-bgo.ts";
import { cancelScheduleTool } from "./cancel-schedule.ts";
import { createScheduleTool } from "./create-schedule.ts";
import { getBgoTool } from "./get-bgo.ts";
import { listBgosTool } from "./list-bgos.ts";
import { listSchedulesTool } from "./list-schedules.ts";
import { messagesCreateTool } from "./messages-create.ts";
import { reportProgressTool } from "./report-progress.ts";
import { scheduleBgoTool } from "./schedule-bgo.ts";
import { spawnBgoTool } from "./spawn-bgo.ts";

/** The meta-tools of an agent in a chat, by the names under which an agent switches them on. */
export const agentMetaTools: Readonly<Record<string, (bound: BoundAgent) => Tool>> = {
  spawn_bgo: spawnBgoTool,
  spawn_task: spawnTaskTool,
  schedule_bgo: scheduleBgoTool,
  list_bgos: listBgosTool,
  get_bgo: getBgoTool,
  cancel_bgo: cancelBgoTool,
  create_schedule: createScheduleTool,
  list_schedules: listSchedulesTool,
  cancel_schedule: cancelScheduleTool,
};

/** What every sub-agent has beside the tools it was granted. */
export function subAgentMetaTools(bound: BoundSubAgent): readonly Tool[] {
  return [messagesCreateTool(bound), reportProgressTool(bound)];
}
