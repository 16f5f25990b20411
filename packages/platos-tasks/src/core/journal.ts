import { addUsage, noUsage, type Usage } from "./budget.ts";
import type { AssistantPart, ModelResponse, ToolResult, TranscriptEntry } from "./transcript.ts";

/** Whose journal it is. */
export type OwnerKind = "bgo" | "turn";

/**
 * One entry of a BGO's or a turn's journal. Append-only; numbers run 0..n−1 per owner without a gap.
 * `model`: one whole response, recorded before any of its tools run.
 * `tool_intent`: an at-most-once call is about to run.
 * `tool_result`: what that call, or a repeatable one, came back with.
 */
export type Step =
  | { readonly kind: "model"; readonly response: ModelResponse }
  | { readonly kind: "tool_intent"; readonly callId: string; readonly tool: string }
  | { readonly kind: "tool_result"; readonly result: ToolResult };

export type StepKind = Step["kind"];

export interface RecordedStep {
  readonly stepNo: number;
  readonly epoch: number;
  readonly createdAt: Date;
  readonly step: Step;
}

/** Rebuilds the conversation that followed the opening from the journal. */
export function transcriptOf(steps: readonly Step[]): TranscriptEntry[] {
  const entries: TranscriptEntry[] = [];
  let results: ToolResult[] = [];
  const flush = (): void => {
    if (results.length > 0) entries.push({ role: "tool", results });
    results = [];
  };
  for (const step of steps) {
    if (step.kind === "tool_result") results.push(step.result);
    if (step.kind === "model") {
      flush();
      entries.push({ role: "assistant", parts: step.response.parts });
    }
  }
  flush();
  return entries;
}

/** Where a journal stopped: what the next worker must do first. */
export interface OpenResponse {
  /** Number of model steps before and including the open one. */
  readonly modelCalls: number;
  /** The parts of the last response, or null when no model call is recorded yet. */
  readonly parts: readonly AssistantPart[] | null;
  /** Step number of the last model step; part of the key under which its tool calls run. */
  readonly stepNo: number | null;
  /** Calls of the last response that have a result already. */
  readonly answered: ReadonlySet<string>;
  /** Calls that were begun: an at-most-once call among them that has no result must not run again. */
  readonly begun: ReadonlySet<string>;
}

export function openResponseOf(steps: readonly Step[]): OpenResponse {
  const last = steps.findLastIndex((step) => step.kind === "model");
  const model = steps[last];
  const after = steps.slice(last + 1);
  return {
    modelCalls: steps.filter((step) => step.kind === "model").length,
    parts: model?.kind === "model" ? model.response.parts : null,
    stepNo: last === -1 ? null : last,
    answered: new Set(after.flatMap((step) => (step.kind === "tool_result" ? [step.result.callId] : []))),
    begun: new Set(after.flatMap((step) => (step.kind === "tool_intent" ? [step.callId] : []))),
  };
}

/** How many model calls are among steps, and what they used. */
export function usageOfSteps(steps: readonly Step[]): { readonly modelCalls: number; readonly usage: Usage } {
  const calls = steps.flatMap((step) => (step.kind === "model" ? [step.response.usage] : []));
  return { modelCalls: calls.length, usage: calls.reduce<Usage>(addUsage, noUsage) };
}
