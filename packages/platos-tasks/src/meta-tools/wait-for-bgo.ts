import { z } from "zod";
import { defineWaitTool, type WaitTool } from "../core/tool.ts";
import { timeoutField } from "./wait-fields.ts";

const inputSchema = z.strictObject({
  bgoId: z.string().max(64).describe("of a background operation that you have spawned"),
  timeoutSeconds: timeoutField.describe(
    "how long to wait at most, in seconds; then you are told that it has not ended, and it goes on (default 30 days)",
  ),
});

export function waitForBgoTool(): WaitTool {
  return defineWaitTool({
    name: "wait_for_bgo",
    description:
      "Waits until a background operation that you have spawned has ended, for days if need be. Costs nothing meanwhile. Answers with {bgoId, status, output, error}, also of one that failed or was cancelled. Call it several times in one answer to wait for several: you go on when all have ended.",
    inputSchema,
    request: ({ bgoId, timeoutSeconds }) => ({ kind: "bgo", bgoId, timeoutSeconds }),
  });
}
