import type { AgentTool, Tool } from "../core/tool.ts";
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
import { spawnChildTool } from "./spawn-child.ts";
import { waitForBgoTool } from "./wait-for-bgo.ts";
import { waitForReplyTool } from "./wait-for-reply.ts";
import { waitForTokenTool } from "./wait-for-token.ts";
import { waitUntilTool } from "./wait-until.ts";

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

/** Meta-tools that come to the same: an agent that must ask for one must ask for all. */
const spawning: readonly string[] = ["spawn_bgo", "spawn_task", "schedule_bgo", "create_schedule"];

/** Whether every call of a tool waits for a person's approval, by the names that its agent lists in `askTools`. */
export function needsApproval(tool: string, askTools: readonly string[]): boolean {
  return askTools.includes(tool) || (spawning.includes(tool) && askTools.some((name) => spawning.includes(name)));
}

/** What every sub-agent has beside the tools it was granted. */
export function subAgentMetaTools(bound: BoundSubAgent): readonly AgentTool[] {
  return [
    messagesCreateTool(bound),
    reportProgressTool(bound),
    waitForReplyTool(),
    waitForTokenTool(bound.operations),
    waitUntilTool(bound),
    ...childTools(bound),
  ];
}

/** None as deep as BGOs may be nested: there it can have no children. */
function childTools(bound: BoundSubAgent): readonly AgentTool[] {
  const { operations, bgo, maySpawn } = bound;
  if (!maySpawn || bgo.depth >= operations.caps.maxDepth) return [];
  const caller = { scope: bgo.scope, actor: { type: "agent", id: bgo.agentId } } as const;
  const reach = { operations, caller, parentBgoId: bgo.id };
  return [spawnChildTool(bound), waitForBgoTool(), getBgoTool(reach), cancelBgoTool(reach)];
}
