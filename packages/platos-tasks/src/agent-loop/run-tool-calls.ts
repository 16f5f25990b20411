import type { Json } from "../core/json.ts";
import type { Step } from "../core/journal.ts";
import type { Log } from "../core/ports/log.ts";
import type { ToolContext } from "../core/tool.ts";
import type { ToolEnd, ToolResult } from "../core/transcript.ts";
import type { AnsweredCall, PlannedCall, RunnableCall, WaitingToolCall } from "./plan-tool-calls.ts";
import { runTool } from "./run-tool.ts";

const maxParallelCalls = 8;

type IntentStep = Extract<Step, { kind: "tool_intent" }>;

export interface ToolCallsOptions {
  /** At-most-once calls whose intent an earlier worker recorded and whose result it never did. */
  readonly lost: ReadonlySet<string>;
  /** Calls whose intent stands in the journal already and which are ours to run. */
  readonly begun: ReadonlySet<string>;
  readonly toolContext: Pick<ToolContext, "scope" | "threadId" | "bgoId">;
  readonly signal: AbortSignal;
  /** Awaited before repeatable calls are run; what it rejects with is thrown. */
  readonly mayGoOn: () => Promise<void>;
  readonly log: Log;
  readonly record: (steps: readonly Step[], doing: string) => Promise<void>;
  /** Takes results that could be made again and need not be committed before the conversation goes on. */
  readonly hold: (results: readonly Step[]) => void;
}

/** A call that ends here and now. */
export type PresentCall = RunnableCall | AnsweredCall;

/** Parts the calls that end here and now from those that suspend their owner. */
export function partWaits(calls: readonly PlannedCall[]): {
  readonly present: readonly PresentCall[];
  readonly waiting: readonly WaitingToolCall[];
} {
  return {
    present: calls.filter((call) => call.kind !== "wait"),
    waiting: calls.filter((call) => call.kind === "wait"),
  };
}

/** What goes into the commit of a response: the intent of its first call, if that one may run at most once. */
export function firstIntent(calls: readonly PresentCall[]): {
  readonly intents: readonly IntentStep[];
  readonly doing: string;
} {
  const [first] = groupCalls(calls);
  if (first === undefined) return { intents: [], doing: "thinking" };
  return { intents: first.alone ? [intentOf(first.calls[0])] : [], doing: doingOf(first.calls) };
}

/**
 * Runs the calls of one response and records their results in one commit, or holds them when all are of pure calls.
 * Repeatable neighbours run side by side; an at-most-once call runs alone, after a commit that holds the results so far
 * and its own intent.
 */
export async function runToolCalls(calls: readonly PresentCall[], options: ToolCallsOptions): Promise<void> {
  let unrecorded: Step[] = [];
  let mayWait = true;
  for (const group of groupCalls(calls.map((call) => (options.lost.has(call.part.callId) ? lostCall(call) : call)))) {
    if (group.alone && !options.begun.has(group.calls[0].part.callId)) {
      await options.record([...unrecorded, intentOf(group.calls[0])], doingOf(group.calls));
      unrecorded = [];
      mayWait = true;
    }
    // A call whose intent was recorded just now is not kept back: its successor would not know whether it ran.
    const results = group.alone ? [await resultOf(group.calls[0], options)] : await runTogether(group.calls, options);
    unrecorded.push(...results.map((result): Step => ({ kind: "tool_result", result })));
    mayWait &&= group.calls.every((call) => call.kind === "answered" || call.tool.effect === "pure");
  }
  if (unrecorded.length === 0) return;
  if (mayWait) options.hold(unrecorded);
  else await options.record(unrecorded, "thinking");
}

type Group =
  | { readonly alone: true; readonly calls: readonly [RunnableCall] }
  | { readonly alone: false; readonly calls: readonly PresentCall[] };

function groupCalls(calls: readonly PresentCall[]): Group[] {
  const groups: Group[] = [];
  let together: PresentCall[] = [];
  const flush = (): void => {
    if (together.length > 0) groups.push({ alone: false, calls: together });
    together = [];
  };
  for (const call of calls) {
    if (call.kind === "run" && call.tool.effect === "at_most_once") {
      flush();
      groups.push({ alone: true, calls: [call] });
    } else {
      together.push(call);
    }
  }
  flush();
  return groups;
}

async function runTogether(calls: readonly PresentCall[], options: ToolCallsOptions): Promise<ToolResult[]> {
  const results: ToolResult[] = [];
  for (let start = 0; start < calls.length; start += maxParallelCalls) {
    const some = calls.slice(start, start + maxParallelCalls);
    await options.mayGoOn();
    results.push(...(await Promise.all(some.map((call) => resultOf(call, options)))));
  }
  return results;
}

async function resultOf(call: PresentCall, options: ToolCallsOptions): Promise<ToolResult> {
  const named = { callId: call.part.callId, tool: call.part.tool };
  if (call.kind === "answered") return { ...named, ...call.end };
  const { toolContext, signal, log } = options;
  const end = await runTool(call, { toolContext, signal, log });
  return { ...named, ...(call.editedArgs === undefined ? end : withEdit(end, call.editedArgs)) };
}

/** The model learns with what its call has really run. */
function withEdit({ output, error }: ToolEnd, args: Json): ToolEnd {
  const note = "A person approved this call with other arguments than yours; it ran with these.";
  if (error !== undefined) return { error: { ...error, message: `${note} ${JSON.stringify(args)} ${error.message}` } };
  return { output: { note, args, output: output ?? null } };
}

function intentOf(call: PresentCall): IntentStep {
  return { kind: "tool_intent", callId: call.part.callId, tool: call.part.tool };
}

function doingOf(calls: readonly PresentCall[]): string {
  const names = [...new Set(calls.filter((call) => call.kind === "run").map((call) => call.part.tool))];
  if (names.length === 0) return "thinking";
  return `${names.length === 1 ? "tool" : "tools"} ${names.join(", ")}`;
}

function lostCall({ part }: PresentCall): PresentCall {
  const message = `${part.tool} was begun, then its worker stopped: outcome unknown, not retried. Check before you call it again.`;
  return { kind: "answered", part, end: { error: { code: "tool.failed", message } } };
}
