import { z } from "zod";
import type { Budget } from "../core/budget.ts";

/** The limits of one BGO, wherever a caller may give them. */
export const budgetSchema = z
  .strictObject({
    maxTurns: z.int().min(1).max(1000).optional().describe("model calls at most"),
    maxTokens: z.int().min(1).optional().describe("input plus output tokens at most"),
    maxCostUsd: z.number().positive().optional(),
    maxDurationSeconds: z.number().positive().optional().describe("wall time from the first start"),
  })
  .transform((given): Budget => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
