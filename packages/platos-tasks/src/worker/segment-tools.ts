import type { Agent } from "../core/agent.ts";
import type { ClaimedTurn } from "../core/ports/store.ts";
import { type AgentTool, isWaitTool, type Tool } from "../core/tool.ts";
import { agentMetaTools, needsApproval, subAgentMetaTools } from "../meta-tools/meta-tools.ts";
import type { ClaimedBgo } from "../operations/claim-bgo.ts";
import type { WorkerContext } from "./worker-context.ts";

/** What a sub-agent may call: the tools it was granted, and what every sub-agent has. */
export function bgoTools(ctx: WorkerContext, { bgo, agent }: Pick<ClaimedBgo, "bgo" | "agent">): readonly AgentTool[] {
  const granted = ctx.tools.filter((tool) => bgo.tools.includes(tool.name));
  // Never more than its agent in the chat may do.
  const maySpawn = agent.metaTools.includes("spawn_bgo");
  const metaTools = subAgentMetaTools({ operations: ctx.operations, bgo, maySpawn });
  return [...metaTools, ...granted].map((tool) => asking(agent, tool));
}

/** What an agent in a chat may call: the meta-tools that are switched on for it, and its tools. */
export function turnTools(ctx: WorkerContext, turn: ClaimedTurn): readonly Tool[] {
  const { agent, scope, threadId } = turn;
  const bound = {
    operations: ctx.operations,
    caller: { scope, actor: { type: "agent", id: agent.id } as const },
    threadId,
    turnId: turn.id,
    turnDepth: turn.depth,
  };
  const metaTools = agent.metaTools.flatMap((name) => agentMetaTools[name]?.(bound) ?? []);
  const granted = ctx.tools.filter((tool) => agent.tools.includes(tool.name));
  return [...metaTools, ...granted].map((tool) => asking(agent, tool));
}

/** A tool as its agent may call it: some only once a person has approved the call. */
function asking<Kind extends AgentTool>(agent: Agent, tool: Kind): Kind {
  return !isWaitTool(tool) && needsApproval(tool.name, agent.askTools) ? { ...tool, approval: "ask" } : tool;
}
