import { exhaustedLimit, type Budget, type Spent } from "../core/budget.ts";
import { PlatosError } from "../core/errors.ts";
import { openResponseOf, transcriptOf, type Step } from "../core/journal.ts";
import type { Journal } from "../core/ports/journal.ts";
import { silentLog, type Log } from "../core/ports/log.ts";
import type { ModelPort } from "../core/ports/model.ts";
import type { AgentTool, ToolContext } from "../core/tool.ts";
import { textOf, toolCallsOf, type ModelResponse, type TranscriptEntry } from "../core/transcript.ts";
import type { CallToWaitFor, Waitpoint } from "../core/waitpoint.ts";
import { asJournalled, callIdsOf, withUniqueCallIds } from "./call-ids.ts";
import { planToolCalls, type PlannedCall, type WaitingToolCall } from "./plan-tool-calls.ts";
import { firstIntent, partWaits, type PresentCall, runToolCalls } from "./run-tool-calls.ts";
import { spentIn } from "./spent.ts";
import { toolDescription } from "./tool-description.ts";
import { untilAborted } from "./until-aborted.ts";
import { WriteBehindJournal } from "./write-behind-journal.ts";

export interface TextPiece {
  /** Number of the model call within its owner, from 0. */
  readonly modelCall: number;
  /** Where `text` begins in that call's text so far; 0 starts it over. */
  readonly offset: number;
  readonly text: string;
}

export interface AgentLoopOptions {
  readonly ownerId: string;
  /** `provider:model`. */
  readonly model: string;
  readonly system: string;
  /** The conversation before the journal begins. */
  readonly opening: readonly TranscriptEntry[];
  readonly tools: readonly AgentTool[];
  /** What the owner has waited for, by call; none when absent. */
  readonly waits?: ReadonlyMap<string, Waitpoint>;
  readonly toolContext: Pick<ToolContext, "scope" | "threadId" | "bgoId">;
  readonly budget: Budget;
  /** Wall time the owner has used before this run; 0 when absent. */
  readonly startedSecondsAgo?: number;
  readonly journal: Journal;
  readonly modelPort: ModelPort;
  /** Awaited before each request to the model's provider and before tools are run; what it rejects with is thrown. */
  readonly mayGoOn?: () => Promise<void>;
  /** SHA-256 in hex. */
  readonly hash: (text: string) => string;
  readonly signal: AbortSignal;
  /** Aborted: no further step is begun; what is under way is finished and recorded. Its reason is thrown then. */
  readonly pause?: AbortSignal;
  readonly onText?: (piece: TextPiece) => void;
  readonly log?: Log;
}

export type AgentLoopOutcome =
  /** `unrecorded`: what the journal lacks yet, the last response among it; to be recorded with the delivery. */
  | { readonly kind: "finished"; readonly text: string; readonly unrecorded: readonly Step[] }
  /** Calls that suspend the owner; everything else of their response is done. `unrecorded` as above. */
  | { readonly kind: "waiting"; readonly calls: readonly CallToWaitFor[]; readonly unrecorded: readonly Step[] }
  /** `text` is what was last said so far; it may be empty. */
  | { readonly kind: "budget_exhausted"; readonly limit: string; readonly text: string };

/**
 * Runs the turn loop of one BGO or chat turn from where its journal stands: model call, journal, tool calls, journal …
 * A recorded model call is never made again. The last response is handed out unrecorded, so that it can commit together
 * with what it leads to. Throws `model.*` errors of the model port, whatever the journal throws,
 * and the signal's reason when it aborts; nothing is recorded after that.
 */
export async function runAgentLoop(options: AgentLoopOptions): Promise<AgentLoopOutcome> {
  const loop = new AgentLoop(options);
  try {
    return (await loop.finishOpenResponse()) ?? (await loop.goOn());
  } catch (error) {
    await loop.breakOff();
    throw error;
  }
}

class AgentLoop {
  readonly #options: AgentLoopOptions;
  readonly #journal: WriteBehindJournal;
  readonly #steps: Step[];
  #spent: Spent;
  #spentAtMs = performance.now();

  constructor(options: AgentLoopOptions) {
    this.#options = options;
    this.#journal = new WriteBehindJournal(options.journal);
    this.#steps = options.journal.recorded.map((recorded) => recorded.step);
    this.#spent = spentIn(this.#steps, options.startedSecondsAgo ?? 0);
  }

  /** Does what the last recorded response still asks for. The outcome, when that response was the final one or waits. */
  async finishOpenResponse(): Promise<AgentLoopOutcome | null> {
    const { parts, stepNo, answered, begun } = openResponseOf(this.#steps);
    if (parts === null || stepNo === null) return null;
    const calls = toolCallsOf(parts);
    if (calls.length === 0) return { kind: "finished", text: textOf(parts), unrecorded: [] };
    const planned = await this.#plan(calls, stepNo);
    const { present, waiting } = partWaits(planned.filter((call) => !answered.has(call.part.callId)));
    await this.#runCalls(present, { lost: begun, begun: new Set() });
    return waiting.length === 0 ? null : this.#suspended(waiting);
  }

  async goOn(): Promise<AgentLoopOutcome> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      this.#options.pause?.throwIfAborted();
      const limit = exhaustedLimit(this.#options.budget, this.#spentByNow());
      if (limit !== null) {
        await this.#journal.settle();
        return { kind: "budget_exhausted", limit, text: this.#lastText() };
      }
      const response = await this.#callModel();
      const calls = toolCallsOf(response.parts);
      if (calls.length === 0) {
        const held = await this.#journal.take();
        return { kind: "finished", text: textOf(response.parts), unrecorded: [...held, { kind: "model", response }] };
      }
      const { present, waiting } = partWaits(await this.#plan(calls, this.#steps.length));
      const first = firstIntent(present);
      await this.#record([{ kind: "model", response }, ...first.intents], first.doing);
      await this.#runCalls(present, { lost: new Set(), begun: new Set(first.intents.map((step) => step.callId)) });
      if (waiting.length > 0) return this.#suspended(waiting);
    }
  }

  async #suspended(waiting: readonly WaitingToolCall[]): Promise<AgentLoopOutcome> {
    const calls = waiting.map(({ part, request }) => ({ callId: part.callId, tool: part.tool, request }));
    return { kind: "waiting", calls, unrecorded: await this.#journal.take() };
  }

  /** What was done is kept, as long as it is ours to write; why the loop ends is told by somebody else. */
  async breakOff(): Promise<void> {
    if (this.#options.signal.aborted) this.#journal.discard();
    else await this.#journal.settle().catch(() => undefined);
  }

  async #callModel(): Promise<ModelResponse> {
    const { modelPort, model, system, opening, tools, signal, mayGoOn } = this.#options;
    await this.#mayGoOn();
    const transcript = [...opening, ...transcriptOf(this.#steps)];
    const response = await modelPort.respond({
      model,
      system,
      transcript,
      tools: tools.map(toolDescription),
      signal,
      ...(mayGoOn === undefined ? {} : { beforeRetry: mayGoOn }),
      ...this.#textListener(),
    });
    signal.throwIfAborted();
    if (response.finishReason === "content_filter") {
      throw new PlatosError("model.refused", `${model} refused to answer this. Change the request or the model.`);
    }
    if (response.parts.every((part) => part.type === "reasoning" || (part.type === "text" && part.text === ""))) {
      throw new PlatosError("model.failed", `${model} gave an empty answer. Try again or use another model.`);
    }
    const stepNo = this.#steps.length;
    return asJournalled(withUniqueCallIds(response, { taken: callIdsOf(transcript), stepNo }));
  }

  #mayGoOn(): Promise<void> {
    const { mayGoOn, signal } = this.#options;
    return mayGoOn === undefined ? Promise.resolve() : untilAborted(mayGoOn(), signal);
  }

  #textListener(): { onText?: (piece: { readonly text: string; readonly restart: boolean }) => void } {
    const { onText, signal } = this.#options;
    if (onText === undefined) return {};
    const modelCall = this.#spent.turns;
    let shown = 0;
    return {
      onText: ({ text, restart }) => {
        if (signal.aborted) return;
        if (restart) shown = 0;
        onText({ modelCall, offset: shown, text });
        shown += text.length;
      },
    };
  }

  #plan(calls: ReturnType<typeof toolCallsOf>, stepNo: number): Promise<PlannedCall[]> {
    const { ownerId, tools, hash, waits } = this.#options;
    return planToolCalls(calls, { ownerId, stepNo, tools, hash, ...(waits === undefined ? {} : { waits }) });
  }

  async #runCalls(
    calls: readonly PresentCall[],
    state: { readonly lost: ReadonlySet<string>; readonly begun: ReadonlySet<string> },
  ): Promise<void> {
    await runToolCalls(calls, {
      ...state,
      toolContext: this.#options.toolContext,
      signal: this.#options.signal,
      mayGoOn: () => this.#mayGoOn(),
      log: this.#options.log ?? silentLog,
      record: (steps, doing) => this.#record(steps, doing),
      hold: (results) => {
        this.#options.signal.throwIfAborted();
        this.#journal.hold(results);
        this.#steps.push(...results);
      },
    });
  }

  async #record(steps: readonly Step[], doing: string): Promise<void> {
    this.#options.signal.throwIfAborted();
    const totals = await this.#journal.record(steps, doing);
    this.#steps.push(...steps);
    this.#spentAtMs = performance.now();
    this.#spent = { turns: totals.modelCalls, usage: totals.usage, seconds: totals.elapsedSeconds };
  }

  /** The row tells what was spent at the last record; since then only time has gone by. */
  #spentByNow(): Spent {
    return { ...this.#spent, seconds: this.#spent.seconds + (performance.now() - this.#spentAtMs) / 1000 };
  }

  #lastText(): string {
    const texts = this.#steps.map((step) => (step.kind === "model" ? textOf(step.response.parts) : ""));
    return texts.findLast((text) => text !== "") ?? "";
  }
}
