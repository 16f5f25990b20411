import { z } from "zod";
import { defineWaitTool, type WaitTool } from "../core/tool.ts";
import { questionField, timeoutField } from "./wait-fields.ts";

const inputSchema = z.strictObject({
  question: questionField.describe("what you want to know; it is shown to the user in the conversation"),
  timeoutSeconds: timeoutField,
});

export function waitForReplyTool(): WaitTool {
  return defineWaitTool({
    name: "wait_for_reply",
    description:
      "Asks the user in the conversation and waits for the next message there, for days if need be. Costs nothing meanwhile. Answers with what the user wrote, or that nobody did in time.",
    inputSchema,
    request: ({ question, timeoutSeconds }) => ({ kind: "reply", question, timeoutSeconds }),
  });
}
