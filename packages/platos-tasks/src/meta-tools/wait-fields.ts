import { z } from "zod";
import { waitLimits } from "../core/waitpoint.ts";

export const questionField = z.string().min(1).max(waitLimits.questionChars);

export const timeoutField = z
  .int()
  .min(1)
  .max(waitLimits.maxSeconds)
  .default(waitLimits.defaultSeconds)
  .describe("how long to wait at most, in seconds; then you are told that nobody answered (default 30 days)");
