import { z } from "zod";
import { limits } from "../core/caps.ts";
import { defineTool, type Tool } from "../core/tool.ts";
import { createBgoMessage } from "../operations/create-bgo-message.ts";
import type { BoundSubAgent } from "./bound-agent.ts";

const inputSchema = z.strictObject({
  kind: z.enum(["progress", "result"]).describe("progress: posted now; result: kept, and posted when you finish"),
  text: z.string().min(1).max(limits.messageChars),
});

export function messagesCreateTool(bound: BoundSubAgent): Tool {
  return defineTool({
    name: "messages_create",
    description:
      "Writes to the conversation that asked. A result is kept until you finish and replaces any earlier one; without it your last message is the result.",
    effect: "idempotent",
    inputSchema,
    run: async ({ kind, text }, context) =>
      createBgoMessage(bound.operations, bound.bgo, { kind, text, callKey: context.callKey }),
  });
}
