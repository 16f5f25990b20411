import { z } from "@hono/zod-openapi";
import { fireOutcomes, missedPolicies, overlapPolicies, scheduleStatuses } from "../../core/schedule.ts";
import { budgetSchema } from "../../meta-tools/budget-schema.ts";
import { scheduleFields } from "../../meta-tools/schedule-fields.ts";
import { budget } from "./bgo.ts";
import { pageQuery } from "./page.ts";

export const scheduleFire = z
  .object({
    at: z.string().openapi({ description: "the instant of the rule" }),
    throughAt: z.string().openapi({ description: "the last instant of a row of missed ones; else equal to at" }),
    outcome: z.enum(fireOutcomes),
    bgoId: z.string().nullable(),
    count: z.number().nullable().openapi({ description: "instants it stands for; null: more than were counted" }),
    reason: z.string().nullable(),
    decidedAt: z.string(),
  })
  .openapi("ScheduleFire");

export const schedule = z
  .object({
    id: z.string(),
    status: z.enum(scheduleStatuses),
    reason: z.string().nullable(),
    threadId: z.string(),
    agentId: z.string(),
    label: z.string().nullable(),
    prompt: z.string(),
    tools: z.array(z.string()).readonly().nullable().openapi({ description: "null: what the agent has at the time" }),
    budget,
    onComplete: z.enum(["message", "wake"]),
    cron: z.string(),
    timeZone: z.string(),
    overlap: z.enum(overlapPolicies),
    missed: z.enum(missedPolicies),
    maxMissed: z.number(),
    jitterSeconds: z.number(),
    nextFires: z.array(z.string()).readonly().openapi({ description: "the next five instants, before jitter" }),
    recentFires: z.array(scheduleFire).readonly().openapi({ description: "newest first" }),
    rev: z.number(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Schedule");

/** The body of a schedule: what `create_schedule` takes, and what only a caller from outside may say. */
export const createScheduleBody = z
  .strictObject({
    ...scheduleFields,
    timeZone: scheduleFields.timeZone.default("UTC"),
    budget: budgetSchema.optional(),
    agent: z.string().max(64).optional().openapi({ description: "id or slug; required without threadId" }),
  })
  .openapi("CreateScheduleBody");

const statusList = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(scheduleStatuses)).max(scheduleStatuses.length))
  .openapi({ type: "string", description: `comma-separated: ${scheduleStatuses.join(", ")}` });

export const scheduleQuery = z.object({
  ...pageQuery,
  status: statusList.optional(),
  thread: z.string().max(64).optional(),
  agent: z.string().max(64).optional().openapi({ description: "id or slug" }),
});

export const cancelScheduleReceipt = z
  .object({ outcome: z.enum(["cancelled", "already_cancelled"]), schedule })
  .openapi("CancelScheduleReceipt");
