import { z } from "zod";
import { defineTool, type Tool } from "../core/tool.ts";
import { withoutAbsent } from "../core/without-absent.ts";
import { createSchedule } from "../operations/schedules/create-schedule.ts";
import { outlookOf } from "../operations/schedules/list-schedules.ts";
import type { BoundAgent } from "./bound-agent.ts";
import { scheduleFields } from "./schedule-fields.ts";

const inputSchema = z.strictObject(scheduleFields);

export function createScheduleTool(bound: BoundAgent): Tool {
  return defineTool({
    name: "create_schedule",
    description:
      "Starts a background operation (BGO) again and again, at the times of a cron expression. Answers at once with the schedule's id and the next five times: tell the user these. Each run's result arrives in the conversation as a message of its own; never wait or poll. For a single later run use schedule_bgo.",
    effect: "idempotent",
    inputSchema,
    run: async (input, context) => {
      const { schedule, deduplicated } = await createSchedule(bound.operations, bound.caller, {
        ...withoutAbsent(input),
        threadId: input.threadId ?? bound.threadId,
        derivedKey: context.callKey,
        depth: bound.turnDepth + 1,
      });
      const { nextFires } = await outlookOf(bound.operations, bound.caller, schedule);
      return {
        scheduleId: schedule.id,
        status: schedule.status,
        threadId: schedule.threadId,
        deduplicated,
        timeZone: schedule.timeZone,
        nextFires: nextFires.map((at) => at.toISOString()),
        message: deduplicated
          ? `This call had already made ${schedule.id}; nothing new was made.`
          : `${schedule.id} fires by itself from now on, until it is cancelled with cancel_schedule.`,
      };
    },
  });
}
