import { z } from "zod";
import { defineTool, type Tool } from "../core/tool.ts";
import { spawnBgo } from "../operations/spawn-bgo.ts";
import type { BoundSubAgent } from "./bound-agent.ts";
import { spawnAnswer, spawnFields, taskOf } from "./spawn-bgo.ts";

const { prompt, tools, targetAgent, name, input, budget, label, idempotencyKey } = spawnFields;

/** A child lives in its parent's thread and never wakes the agent in the chat, so it has no say in either. */
const inputSchema = z.strictObject({ prompt, tools, targetAgent, name, input, budget, label, idempotencyKey });

const description =
  "Starts a background operation (BGO) of your own: a sub-agent that does a part of your task by itself while you go on. Answers at once with its id. wait_for_bgo gives you its result; it is also posted in the conversation, and the agent there is not woken for it. When you are cancelled or fail, it is cancelled as well; when you finish first, it runs on.";

/** `spawn_bgo` in the hands of a sub-agent. */
export function spawnChildTool({ operations, bgo }: BoundSubAgent): Tool {
  const caller = { scope: bgo.scope, actor: { type: "agent", id: bgo.agentId } } as const;
  return defineTool({
    name: "spawn_bgo",
    description,
    effect: "idempotent",
    inputSchema,
    run: async (asked, context) => {
      const request = { ...taskOf(asked, context), threadId: bgo.threadId, parent: { kind: "bgo", bgo } } as const;
      return spawnAnswer(await spawnBgo(operations, caller, request), "Call wait_for_bgo when you need its result.");
    },
  });
}
