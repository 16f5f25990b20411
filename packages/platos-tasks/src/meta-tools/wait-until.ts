import { z } from "zod";
import { defineWaitTool, type WaitTool } from "../core/tool.ts";
import { liesAhead } from "../operations/lies-ahead.ts";
import type { BoundSubAgent } from "./bound-agent.ts";

const inputSchema = z.strictObject({
  until: z.iso
    .datetime({ offset: true, error: "give ISO 8601 with an offset or Z, such as 2027-03-01T09:00:00+01:00" })
    .describe("when you go on: ISO 8601 with an offset or Z; a past time lets you go on at once"),
});

export function waitUntilTool(bound: BoundSubAgent): WaitTool {
  return defineWaitTool({
    name: "wait_until",
    description: "Sleeps until a time, minutes or months ahead. Costs nothing meanwhile; you go on from here.",
    inputSchema,
    request: (input) => {
      const until = new Date(input.until);
      liesAhead(until, { now: bound.operations.clock.now(), field: "until" });
      return { kind: "time", until };
    },
  });
}
