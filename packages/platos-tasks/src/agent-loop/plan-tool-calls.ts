import { failureView, PlatosError, type FailureView } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { validateToolInput, type Tool } from "../core/tool.ts";
import type { ToolCallPart } from "../core/transcript.ts";

/** A call that is ready to run, or the reason why it cannot. */
export type PlannedCall =
  | {
      readonly part: ToolCallPart;
      readonly ready: true;
      readonly tool: Tool;
      readonly input: unknown;
      readonly callKey: string;
    }
  | { readonly part: ToolCallPart; readonly ready: false; readonly error: FailureView };

export interface PlanOptions {
  readonly ownerId: string;
  /** Step number of the response that holds the calls. */
  readonly stepNo: number;
  readonly tools: readonly Tool[];
  readonly hash: (text: string) => string;
}

/** Finds the tool of each call, checks its arguments and derives its key. */
export function planToolCalls(calls: readonly ToolCallPart[], options: PlanOptions): Promise<PlannedCall[]> {
  const seen = new Map<string, number>();
  return Promise.all(
    calls.map((part) => {
      const same = canonicalJson([part.tool, part.args]);
      const ordinal = seen.get(same) ?? 0;
      seen.set(same, ordinal + 1);
      return planCall(part, ordinal, options);
    }),
  );
}

async function planCall(part: ToolCallPart, ordinal: number, options: PlanOptions): Promise<PlannedCall> {
  const tool = options.tools.find((candidate) => candidate.name === part.tool);
  try {
    if (tool === undefined) throw unknownTool(part.tool, options.tools);
    const input = await validateToolInput(tool, part.args);
    // The same call gets the same key whenever it runs again, however its model ordered the arguments.
    const callKey = options.hash(canonicalJson([options.ownerId, options.stepNo, part.tool, part.args, ordinal]));
    return { part, ready: true, tool, input, callKey };
  } catch (error) {
    return { part, ready: false, error: failureView(error) };
  }
}

function unknownTool(name: string, tools: readonly Tool[]): PlatosError {
  const names = tools.map((tool) => tool.name).join(", ");
  const choice = names === "" ? "There are no tools here; answer in text." : `Use one of: ${names}.`;
  return new PlatosError("tool.not_found", `There is no tool "${name.slice(0, 100)}". ${choice}`);
}
