import { z } from "zod";
import { titleOf } from "../core/bgo.ts";
import { defineTool, type Tool } from "../core/tool.ts";
import type { BoundReach } from "./bound-agent.ts";
import { findBgo } from "./reach.ts";

const inputSchema = z.strictObject({ bgoId: z.string().max(64) });

export function getBgoTool(bound: BoundReach): Tool {
  return defineTool({
    name: "get_bgo",
    description:
      "Tells the status, the progress and, once it has ended, the result or error of one background operation. Results arrive by themselves: use this when the user asks, not to wait.",
    effect: "pure",
    inputSchema,
    run: async ({ bgoId }) => {
      const bgo = await findBgo(bound, bgoId);
      return {
        bgoId: bgo.id,
        label: titleOf(bgo),
        status: bgo.status,
        reason: bgo.reason,
        progress: bgo.progress === null ? null : { ...bgo.progress },
        output: bgo.output,
        error: bgo.error === null ? null : { ...bgo.error },
      };
    },
  });
}
