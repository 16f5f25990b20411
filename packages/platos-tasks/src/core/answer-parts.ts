import type { Step } from "./journal.ts";
import type { MessagePart } from "./message.ts";
import type { ToolResult } from "./transcript.ts";

/**
 * The message that a turn's journal amounts to so far, as a chat client draws it. `approvals`: the waitpoints of calls
 * that wait for one.
 */
export function answerParts(steps: readonly Step[], approvals: ReadonlyMap<string, string> = new Map()): MessagePart[] {
  const results = new Map(
    steps.flatMap((step) => (step.kind === "tool_result" ? [[step.result.callId, step.result]] : [])),
  );
  return steps.flatMap((step) => {
    if (step.kind !== "model") return [];
    return [
      { type: "step-start" } as const,
      ...step.response.parts.map((part): MessagePart => {
        if (part.type !== "tool_call") return { type: part.type, text: part.text };
        const call = { type: "dynamic-tool", toolName: part.tool, toolCallId: part.callId, input: part.args } as const;
        const approval = approvals.get(part.callId);
        if (approval !== undefined) return { ...call, state: "approval-requested", approval: { id: approval } };
        return { ...call, ...outcomeOf(results.get(part.callId)) };
      }),
    ];
  });
}

function outcomeOf(result: ToolResult | undefined) {
  if (result === undefined) return { state: "input-available" } as const;
  if (result.error !== undefined) return { state: "output-error", errorText: result.error.message } as const;
  return { state: "output-available", output: result.output ?? null } as const;
}
