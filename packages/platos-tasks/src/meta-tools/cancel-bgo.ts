import { z } from "zod";
import { defineTool, type Tool } from "../core/tool.ts";
import { cancelBgo } from "../operations/cancel-bgo.ts";
import type { BoundReach } from "./bound-agent.ts";
import { findBgo } from "./reach.ts";

const inputSchema = z.strictObject({
  bgoId: z.string().max(64),
  reason: z.string().max(500).optional().describe("shown to people"),
});

export function cancelBgoTool(bound: BoundReach): Tool {
  return defineTool({
    name: "cancel_bgo",
    description:
      "Cancels a background operation, with all that it has spawned. The outcome says what really happened: cancelled, or that it had already completed, failed or been cancelled.",
    effect: "idempotent",
    inputSchema,
    run: async ({ bgoId, reason }) => {
      await findBgo(bound, bgoId);
      const request = { bgoId, ...(reason === undefined ? {} : { reason }) };
      const { outcome } = await cancelBgo(bound.operations, bound.caller, request);
      return { outcome };
    },
  });
}
