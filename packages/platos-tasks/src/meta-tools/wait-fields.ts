import { z } from "zod";
import { waitLimits } from "../core/waitpoint.ts";

export const questionField = z.string().min(1).max(waitLimits.questionChars);

export const timeoutSeconds = z.int().min(1).max(waitLimits.maxSeconds);

export const timeoutField = timeoutSeconds
  .default(waitLimits.defaultSeconds)
  .describe("how long to wait at most, in seconds; then you are told that nobody answered (default 30 days)");
