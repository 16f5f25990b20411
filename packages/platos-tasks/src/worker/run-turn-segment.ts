import { runAgentLoop } from "../agent-loop/run-agent-loop.ts";
import { chatHistory } from "../core/chat-history.ts";
import { type FailureView, failureView, isStoreFailure, PlatosError } from "../core/errors.ts";
import type { RecordedStep } from "../core/journal.ts";
import type { DeliveryControls, Segment } from "../core/ports/engine.ts";
import type { ClaimedTurn } from "../core/ports/store.ts";
import { maxAttempts } from "../core/retry.ts";
import type { TranscriptEntry } from "../core/transcript.ts";
import { type Waitpoint, waitsByCall } from "../core/waitpoint.ts";
import { maxCrashes } from "../operations/claim-bgo.ts";
import { claimTurn } from "../operations/claim-turn.ts";
import { finishTurn, releaseTurn, retryTurn } from "../operations/finish-turn.ts";
import { suspendTurn } from "../operations/waits/suspend-turn.ts";
import { DeltaBatch } from "./delta-batch.ts";
import { turnInstructions } from "./instructions.ts";
import { turnTools } from "./segment-tools.ts";
import { turnJournal } from "./turn-journal.ts";
import type { WorkerContext } from "./worker-context.ts";

/** The newest of a thread, and as many from what a turn answers on. */
const historyMessages = 200;
/** Model calls of one turn at most. */
const turnBudget = { maxTurns: 25 };

/**
 * Runs one delivery of a chat turn: claim, agent loop with live text, end. `resumptions`: how often this delivery was
 * given up before because the database was away.
 */
export async function runTurnSegment(
  ctx: WorkerContext,
  segment: Segment,
  controls: DeliveryControls,
  resumptions: number = 0,
): Promise<void> {
  const { store } = ctx.operations;
  const { holdsLease } = controls;
  const turn = await claimTurn(ctx.operations, segment, { holdsLease, isResumption: resumptions > 0 });
  if (turn === null) {
    await controls.complete(store.autocommit);
    return;
  }
  if (turn.crashes > maxCrashes) {
    const message = `its worker died ${turn.crashes} times in a row. Send the message again, or look at the worker's log.`;
    await finish(ctx, turn, { error: { code: "worker.crashed", message }, controls });
    return;
  }
  if (turn.cause === "wake" && turn.totals.modelCalls === 0 && !(await store.autocommit.turns.hasUnreadResults(turn))) {
    // A turn before this one has read the results it was opened for.
    await finish(ctx, turn, { error: null, controls });
    return;
  }
  try {
    const end = await runLoop(ctx, turn, controls);
    if (end !== "suspended") await finish(ctx, turn, { error: end, controls });
  } catch (error) {
    await endOtherwise(ctx, turn, { error, controls });
  }
}

/** How it ended: done (null), with a failure, or not yet. */
async function runLoop(
  ctx: WorkerContext,
  turn: ClaimedTurn,
  controls: DeliveryControls,
): Promise<FailureView | null | "suspended"> {
  const { store, identity } = ctx.operations;
  const isFirst = turn.epoch === 1;
  const [opening, steps, waits] = await Promise.all([
    openingOf(ctx, turn),
    isFirst ? ([] as readonly RecordedStep[]) : store.autocommit.journal.read(turn),
    isFirst ? ([] as readonly Waitpoint[]) : store.autocommit.waitpoints.listOf(turn.id),
  ]);
  const journal = turnJournal(ctx.operations, turn, steps);
  const deltas = new DeltaBatch(ctx.live, turn);
  try {
    const outcome = await runAgentLoop({
      ownerId: turn.id,
      model: turn.agent.model,
      system: turnInstructions(turn.agent.systemPrompt),
      opening,
      tools: turnTools(ctx, turn),
      waits: waitsByCall(waits),
      toolContext: { scope: turn.scope, threadId: turn.threadId, bgoId: null },
      budget: turnBudget,
      startedSecondsAgo: turn.totals.elapsedSeconds,
      journal,
      modelPort: ctx.model,
      mayGoOn: () => controls.confirmLease(),
      hash: identity.sha256,
      signal: AbortSignal.any([controls.signal, controls.hurrying]),
      pause: controls.stopping,
      onText: (piece) => deltas.add(piece),
      log: ctx.log,
    });
    if (outcome.kind === "finished") {
      if (outcome.unrecorded.length > 0) await journal.record(outcome.unrecorded, "finishing");
      return null;
    }
    if (outcome.kind === "waiting") {
      const { calls } = outcome;
      const answer = { before: journal.steps, added: outcome.unrecorded };
      const suspended = await suspendTurn(ctx.operations, turn, { calls, steps: answer, complete: controls.complete });
      if (!suspended) await controls.complete(store.autocommit);
      return "suspended";
    }
    return { code: "budget.exceeded", message: `it has used up ${outcome.limit}. Ask for less at a time.` };
  } finally {
    deltas.close();
  }
}

async function openingOf(ctx: WorkerContext, turn: ClaimedTurn): Promise<TranscriptEntry[]> {
  const { messages } = ctx.operations.store.autocommit;
  const limit = historyMessages;
  const newest = await messages.history(turn.scope, turn.threadId, { throughSeq: turn.openingSeq, limit });
  const firstSeq = newest[0]?.seq ?? 0;
  // So much may have come in while it waited that what it answers is not among them.
  const answered =
    firstSeq > turn.position
      ? await messages.list(turn.scope, turn.threadId, { afterSeq: turn.position - 1, limit })
      : [];
  return chatHistory([...answered.filter(({ seq }) => seq < firstSeq), ...newest], turn);
}

async function finish(
  ctx: WorkerContext,
  turn: ClaimedTurn,
  of: { readonly error: FailureView | null; readonly controls: DeliveryControls },
): Promise<void> {
  const { complete } = of.controls;
  if (await finishTurn(ctx.operations, turn, { error: of.error, complete })) return;
  await complete(ctx.operations.store.autocommit);
}

async function endOtherwise(
  ctx: WorkerContext,
  turn: ClaimedTurn,
  { error, controls }: { readonly error: unknown; readonly controls: DeliveryControls },
): Promise<void> {
  const { complete } = controls;
  if (controls.signal.aborted) return;
  if (controls.stopping.aborted) {
    await releaseTurn(ctx.operations, turn, complete);
    return;
  }
  if (PlatosError.is(error) && error.code === "segment.superseded") {
    await complete(ctx.operations.store.autocommit);
    return;
  }
  if (isStoreFailure(error)) throw error;
  ctx.log.warn("a turn's segment failed", { turnId: turn.id, error: failureView(error).message });
  if (PlatosError.is(error) && error.retryable && turn.attempt < maxAttempts) {
    await retryTurn(ctx.operations, turn, { error, complete });
    return;
  }
  await finish(ctx, turn, { error: failureView(error), controls });
}
