import { z } from "zod";
import { defineTool, type Tool } from "../core/tool.ts";
import { cancelSchedule } from "../operations/schedules/change-schedule.ts";
import type { BoundAgent } from "./bound-agent.ts";
import { expectSchedule } from "./reach.ts";

const inputSchema = z.strictObject({
  scheduleId: z.string().max(64),
  reason: z.string().max(500).optional().describe("shown to people"),
});

export function cancelScheduleTool(bound: BoundAgent): Tool {
  return defineTool({
    name: "cancel_schedule",
    description:
      "Ends a schedule for good: it fires no more, and runs that waited for the one before them are cancelled. What is at work goes on; cancel_bgo stops that. The outcome says whether it was cancelled now or had been before.",
    effect: "idempotent",
    inputSchema,
    run: async ({ scheduleId, reason }) => {
      await expectSchedule(bound, scheduleId);
      const request = { scheduleId, ...(reason === undefined ? {} : { reason }) };
      const { outcome } = await cancelSchedule(bound.operations, bound.caller, request);
      return { outcome };
    },
  });
}
