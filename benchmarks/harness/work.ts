/** Agent runs to do: each makes `turns` model calls and, between them, one call of a tool that does nothing. */
export interface Work {
  readonly runs: number;
  /** Runs at once. */
  readonly concurrency: number;
  readonly turns: number;
  /** How long the model thinks. */
  readonly modelDelayMs: number;
  /** Text of each answer. */
  readonly answerBytes: number;
}

export interface WorkReport {
  /** From the first start to the last end. */
  readonly elapsedMs: number;
  /** CPU of the contender's own process. */
  readonly cpuMs: number;
  /** Of each run, its steps alone: without what comes before the first and after the last. */
  readonly stepsMs: readonly number[];
}

/** One run's begin, as a caller sees it. */
export interface StartReport {
  /** Until the run was acknowledged, and with that durable. */
  readonly ackMs: number;
  /** From the acknowledgement to its first request at the model. */
  readonly firstCallMs: number;
}

/** Between two measured starts, so that each finds an idle system: longer than the product holds hints back. */
export const idleMs = 45;

/** Journalled steps of a run: its model calls and its tool calls. */
export function stepsOf(work: Pick<Work, "turns">): number {
  return 2 * work.turns - 1;
}

/** The name under which the stub answers as this work wants it. */
export function modelFor(work: Pick<Work, "turns" | "modelDelayMs" | "answerBytes">): string {
  return `turns-${work.turns}-delay-${work.modelDelayMs}-bytes-${work.answerBytes}`;
}

/** A mark in a prompt by which the stub recognises the run. */
export function markedPrompt(mark: string): string {
  return `Do the work marked #${mark}# step by step.`;
}

export const systemPrompt = "You are a careful assistant. Use the tools you have until the work is done.";
