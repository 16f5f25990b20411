import { approvalSubject, approvedCall } from "../core/approval.ts";
import { failureView, PlatosError } from "../core/errors.ts";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import {
  type AgentTool,
  isWaitTool,
  type Tool,
  toolInputJsonSchema,
  validateToolInput,
  type WaitTool,
} from "../core/tool.ts";
import type { ToolCallPart, ToolEnd } from "../core/transcript.ts";
import { type Waitpoint, waitLimits, waitResult, type WaitRequest } from "../core/waitpoint.ts";

export interface RunnableCall {
  readonly kind: "run";
  readonly part: ToolCallPart;
  readonly tool: Tool;
  readonly input: unknown;
  readonly callKey: string;
  /** With what it runs when a person has changed what the model asked for. */
  readonly editedArgs?: Json;
}

/** A call whose result is there without running anything: what it waited for, or why it cannot run. */
export interface AnsweredCall {
  readonly kind: "answered";
  readonly part: ToolCallPart;
  readonly end: ToolEnd;
}

/** A call that suspends its owner. */
export interface WaitingToolCall {
  readonly kind: "wait";
  readonly part: ToolCallPart;
  readonly request: WaitRequest;
}

export type PlannedCall = RunnableCall | AnsweredCall | WaitingToolCall;

export interface PlanOptions {
  readonly ownerId: string;
  /** Step number of the response that holds the calls. */
  readonly stepNo: number;
  readonly tools: readonly AgentTool[];
  readonly hash: (text: string) => string;
  /** What the owner has waited for, by call; none when absent. */
  readonly waits?: ReadonlyMap<string, Waitpoint>;
}

/** Finds the tool of each call, checks its arguments and derives its key, or finds what it has waited for. */
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
    const found = options.waits?.get(part.callId);
    const waitpoint = found?.status === "open" ? undefined : found;
    if (isWaitTool(tool)) return await planWait(part, tool, waitpoint);
    // The same call gets the same key whenever it runs again, however its model ordered the arguments.
    const callKey = options.hash(canonicalJson([options.ownerId, options.stepNo, part.tool, part.args, ordinal]));
    if (tool.approval === "ask") return await planApproval({ part, tool, callKey }, { hash: options.hash, waitpoint });
    return { kind: "run", part, tool, input: await validateToolInput(tool, part.args), callKey };
  } catch (error) {
    return { kind: "answered", part, end: { error: failureView(error) } };
  }
}

async function planWait(part: ToolCallPart, tool: WaitTool, waitpoint: Waitpoint | undefined): Promise<PlannedCall> {
  if (waitpoint !== undefined) return { kind: "answered", part, end: waitResult(waitpoint) };
  return { kind: "wait", part, request: tool.request(await validateToolInput(tool, part.args)) };
}

/** A call that needs a person's word: it waits for it, and then runs with what was approved or not at all. */
async function planApproval(
  { part, tool, callKey }: { readonly part: ToolCallPart; readonly tool: Tool; readonly callKey: string },
  of: { readonly hash: (text: string) => string; readonly waitpoint: Waitpoint | undefined },
): Promise<PlannedCall> {
  const argsHash = of.hash(approvalSubject(part.tool, part.args));
  if (of.waitpoint === undefined) {
    // What cannot run anyway is not worth a person's time.
    await validateToolInput(tool, part.args);
    const schema = toolInputJsonSchema(tool) as JsonObject;
    const timeoutSeconds = waitLimits.approvalSeconds;
    const request = { kind: "approval", tool: part.tool, args: part.args, argsHash, schema, timeoutSeconds } as const;
    return { kind: "wait", part, request };
  }
  const approved = approvedCall(of.waitpoint, { tool: part.tool, args: part.args, argsHash });
  if (approved.kind === "refused") return { kind: "answered", part, end: approved.end };
  const input = await validateToolInput(tool, approved.args);
  return { kind: "run", part, tool, input, callKey, ...(approved.isEdited ? { editedArgs: approved.args } : {}) };
}

function unknownTool(name: string, tools: readonly AgentTool[]): PlatosError {
  const names = tools.map((tool) => tool.name).join(", ");
  const choice = names === "" ? "There are no tools here; answer in text." : `Use one of: ${names}.`;
  return new PlatosError("tool.not_found", `There is no tool "${name.slice(0, 100)}". ${choice}`);
}
