import { z } from "zod";
import { defineTool, type Tool } from "../core/tool.ts";
import type { BoundAgent } from "./bound-agent.ts";
import { spawn, spawnAnswer, spawnFields } from "./spawn-bgo.ts";

const inputSchema = z.strictObject({
  ...spawnFields,
  runAt: z.iso
    .datetime({ offset: true, error: "give ISO 8601 with an offset or Z, such as 2027-03-01T09:00:00+01:00" })
    .describe("when it starts: ISO 8601 with an offset or Z; a past time starts it at once"),
});

export function scheduleBgoTool(bound: BoundAgent): Tool {
  return defineTool({
    name: "schedule_bgo",
    description:
      "Starts a background operation (BGO) at a later time, once. Answers at once with its id and the time; everything else is as with spawn_bgo. Cancel it with cancel_bgo.",
    effect: "idempotent",
    inputSchema,
    run: async (input, context) => {
      const result = await spawn(bound, input, context);
      return { ...spawnAnswer(result), runAt: result.bgo.runAt?.toISOString() ?? input.runAt };
    },
  });
}
