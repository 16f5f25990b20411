import { z } from "zod";
import { defineTool, type Tool } from "../core/tool.ts";
import { reportProgress } from "../operations/report-progress.ts";
import type { BoundSubAgent } from "./bound-agent.ts";

const inputSchema = z.strictObject({
  message: z.string().min(1).max(500).describe("what you are doing, in a few words"),
  fraction: z.number().min(0).max(1).optional().describe("how far, from 0 to 1, if you can tell"),
});

export function reportProgressTool(bound: BoundSubAgent): Tool {
  return defineTool({
    name: "report_progress",
    description: "Shows people how far you are. Costs nothing; writes no message.",
    effect: "idempotent",
    inputSchema,
    run: async ({ message, fraction }) => {
      await reportProgress(bound.operations, bound.bgo, fraction === undefined ? { message } : { message, fraction });
      return { shown: true };
    },
  });
}
