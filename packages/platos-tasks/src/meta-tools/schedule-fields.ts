import { z } from "zod";
import { missedPolicies, overlapPolicies, scheduleLimits } from "../core/schedule.ts";
import { spawnFields } from "./spawn-bgo.ts";

const { prompt, threadId, idempotencyKey, tools, budget, label, onComplete } = spawnFields;

/** What `create_schedule` takes; the HTTP API takes the same and adds what only it may say. */
export const scheduleFields = {
  cron: z
    .string()
    .max(scheduleLimits.cronChars)
    .describe("five fields, minute hour day-of-month month day-of-week, such as 30 9 * * 1-5; never seconds"),
  timeZone: z
    .string()
    .max(scheduleLimits.timeZoneChars)
    .describe("the IANA zone in which the cron fields are meant, such as Europe/Berlin"),
  prompt: prompt.unwrap().describe("the whole task of each run: the sub-agent sees nothing else of this conversation"),
  overlap: z
    .enum(overlapPolicies)
    .optional()
    .describe("when a run comes due while an earlier one goes on; absent: skip it"),
  missed: z
    .enum(missedPolicies)
    .optional()
    .describe("what to make up for when runs were missed; absent: one run for all of them"),
  maxMissed: z.int().min(1).max(scheduleLimits.maxMissed).optional().describe("with missed all: this many at most"),
  jitterSeconds: z
    .int()
    .min(0)
    .max(scheduleLimits.maxJitterSeconds)
    .optional()
    .describe("every run starts up to this much after its time, always by the same amount"),
  threadId: threadId.describe("where the results go; absent: this conversation"),
  idempotencyKey: idempotencyKey.describe("calls with the same key are one schedule"),
  tools,
  budget,
  label,
  onComplete,
} as const;
