import { z } from "zod";
import { titleOf } from "../core/bgo.ts";
import { scheduleStatuses } from "../core/schedule.ts";
import { defineTool, type Tool } from "../core/tool.ts";
import { listSchedules } from "../operations/schedules/list-schedules.ts";
import type { BoundAgent } from "./bound-agent.ts";
import { ownThreads } from "./reach.ts";

const inputSchema = z.strictObject({
  threadId: z.string().max(64).optional().describe("absent: this conversation"),
  status: z.array(z.enum(scheduleStatuses)).min(1).optional().describe("absent: active and paused ones"),
  limit: z.int().min(1).max(100).optional(),
  cursor: z.string().max(200).optional(),
});

export function listSchedulesTool(bound: BoundAgent): Tool {
  return defineTool({
    name: "list_schedules",
    description: "Lists the schedules of this conversation with their next five times and last run, newest first.",
    effect: "pure",
    inputSchema,
    run: async (input) => {
      const page = await listSchedules(bound.operations, bound.caller, {
        threadId: input.threadId ?? bound.threadId,
        ...ownThreads(bound),
        statuses: input.status ?? ["active", "paused"],
        limit: input.limit ?? 20,
        ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
      });
      const items = page.items.map((schedule) => {
        const [last] = schedule.recentFires;
        return {
          scheduleId: schedule.id,
          label: titleOf(schedule),
          status: schedule.status,
          reason: schedule.reason,
          cron: schedule.cron,
          timeZone: schedule.timeZone,
          nextFires: schedule.nextFires.map((at) => at.toISOString()),
          lastFire: last === undefined ? null : { at: last.at.toISOString(), outcome: last.outcome, bgoId: last.bgoId },
        };
      });
      return { items, nextCursor: page.nextCursor };
    },
  });
}
