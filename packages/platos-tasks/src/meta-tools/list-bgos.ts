import { z } from "zod";
import { titleOf } from "../core/bgo.ts";
import { activeStatuses, statuses } from "../core/lifecycle.ts";
import { defineTool, type Tool } from "../core/tool.ts";
import { listBgos } from "../operations/list-bgos.ts";
import type { BoundAgent } from "./bound-agent.ts";
import { ownThreads } from "./reach.ts";

const inputSchema = z.strictObject({
  threadId: z.string().max(64).optional().describe("absent: this conversation"),
  status: z.array(z.enum(statuses)).min(1).optional().describe("absent: those that have not ended"),
  limit: z.int().min(1).max(100).optional(),
  cursor: z.string().max(200).optional(),
});

export function listBgosTool(bound: BoundAgent): Tool {
  return defineTool({
    name: "list_bgos",
    description: "Lists background operations of this conversation with their status, newest first.",
    effect: "pure",
    inputSchema,
    run: async (input) => {
      const page = await listBgos(bound.operations, bound.caller, {
        threadId: input.threadId ?? bound.threadId,
        ...ownThreads(bound),
        statuses: input.status ?? activeStatuses,
        limit: input.limit ?? 50,
        ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
      });
      const items = page.items.map((bgo) => ({
        bgoId: bgo.id,
        label: titleOf(bgo),
        status: bgo.status,
        reason: bgo.reason,
        startedAt: bgo.startedAt?.toISOString() ?? null,
        ...(bgo.runAt === null ? {} : { runAt: bgo.runAt.toISOString() }),
        ...(bgo.progress === null ? {} : { progress: { ...bgo.progress } }),
      }));
      return { items, nextCursor: page.nextCursor };
    },
  });
}
