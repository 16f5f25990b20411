import type { AgentLoopOutcome } from "../agent-loop/run-agent-loop.ts";
import { runAgentLoop } from "../agent-loop/run-agent-loop.ts";
import { failureView, isStoreFailure, PlatosError } from "../core/errors.ts";
import type { DeliveryControls, Segment } from "../core/ports/engine.ts";
import { maxAttempts } from "../core/retry.ts";
import { waitsByCall } from "../core/waitpoint.ts";
import { type ClaimedBgo, claimBgo } from "../operations/claim-bgo.ts";
import { type BgoResult, finishBgo } from "../operations/finish-bgo.ts";
import { releaseBgo, retryBgo } from "../operations/release-bgo.ts";
import { suspendBgo } from "../operations/waits/suspend-bgo.ts";
import { bgoJournal } from "./fenced-journal.ts";
import { bgoInstructions } from "./instructions.ts";
import { bgoTools } from "./segment-tools.ts";
import type { WorkerContext } from "./worker-context.ts";

/**
 * Runs one delivery of a BGO: claim, agent loop, and an end that commits with the engine's completion. `resumptions`:
 * how often this delivery was given up before because the database was away.
 */
export async function runBgoSegment(
  ctx: WorkerContext,
  segment: Segment,
  controls: DeliveryControls,
  resumptions: number = 0,
): Promise<void> {
  let leaveLine = (): void => undefined;
  const turnOfSuspect = async (): Promise<void> => {
    leaveLine = await ctx.suspects.enter(AbortSignal.any([controls.signal, controls.stopping]));
  };
  try {
    const { complete, holdsLease } = controls;
    const isResumption = resumptions > 0;
    const claimed = await claimBgo(ctx.operations, segment, { complete, holdsLease, isResumption, turnOfSuspect });
    // Null: whatever this delivery was for has been done or taken over, and only the job is left to close.
    if (claimed === null) await complete(ctx.operations.store.autocommit);
    else await runClaimed(ctx, claimed, { controls, onProgress: () => leaveLine() });
  } finally {
    leaveLine();
  }
}

async function runClaimed(
  ctx: WorkerContext,
  claimed: ClaimedBgo,
  { controls, onProgress }: { readonly controls: DeliveryControls; readonly onProgress: () => void },
): Promise<void> {
  try {
    // Who is to stop does not begin what its predecessor left open.
    controls.stopping.throwIfAborted();
    const outcome = await runLoop(ctx, claimed, { controls, onProgress });
    if (outcome.kind === "waiting") await suspend(ctx, claimed, { outcome, controls });
    else await finish(ctx, claimed, { result: resultOf(outcome), controls });
  } catch (error) {
    await endOtherwise(ctx, claimed, { error, controls });
  }
}

function runLoop(
  ctx: WorkerContext,
  { bgo, agent, steps, waits }: ClaimedBgo,
  { controls, onProgress }: { readonly controls: DeliveryControls; readonly onProgress: () => void },
): Promise<AgentLoopOutcome> {
  return runAgentLoop({
    ownerId: bgo.id,
    model: agent.model,
    system: bgoInstructions(agent.systemPrompt, bgo),
    opening: [{ role: "user", text: bgo.prompt }],
    tools: bgoTools(ctx, { bgo, agent }),
    waits: waitsByCall(waits),
    toolContext: { scope: bgo.scope, threadId: bgo.threadId, bgoId: bgo.id },
    budget: bgo.budget,
    startedSecondsAgo: bgo.elapsedSeconds,
    journal: bgoJournal(ctx.operations.store, bgo, { recorded: steps, onProgress }),
    modelPort: ctx.model,
    mayGoOn: () => controls.confirmLease(),
    hash: ctx.operations.identity.sha256,
    signal: AbortSignal.any([controls.signal, controls.hurrying]),
    pause: controls.stopping,
    log: ctx.log,
  });
}

async function suspend(
  ctx: WorkerContext,
  { bgo }: ClaimedBgo,
  of: { readonly outcome: Extract<AgentLoopOutcome, { kind: "waiting" }>; readonly controls: DeliveryControls },
): Promise<void> {
  const { outcome, controls } = of;
  const { complete } = controls;
  const { calls, unrecorded: lastSteps } = outcome;
  const suspended = await suspendBgo(ctx.operations, bgo, { calls, lastSteps, complete });
  if (!suspended) await complete(ctx.operations.store.autocommit);
}

function resultOf(outcome: Exclude<AgentLoopOutcome, { kind: "waiting" }>): BgoResult {
  if (outcome.kind === "finished") {
    return { status: "completed", output: outcome.text, lastSteps: outcome.unrecorded };
  }
  const message = `it has used up ${outcome.limit}. Give it a larger budget, or a smaller task.`;
  return { status: "failed", output: outcome.text, error: { code: "budget.exceeded", message } };
}

async function finish(
  ctx: WorkerContext,
  { bgo }: ClaimedBgo,
  of: { readonly result: BgoResult; readonly controls: DeliveryControls },
): Promise<void> {
  await finishBgo(ctx.operations, bgo, { result: of.result, complete: of.controls.complete });
}

/** The loop stopped without an outcome: superseded, stopping, a failure that may pass, or one that will not. */
async function endOtherwise(
  ctx: WorkerContext,
  claimed: ClaimedBgo,
  { error, controls }: { readonly error: unknown; readonly controls: DeliveryControls },
): Promise<void> {
  const { bgo } = claimed;
  const { complete } = controls;
  if (controls.signal.aborted) return;
  if (controls.stopping.aborted) {
    await releaseBgo(ctx.operations, bgo, complete);
    return;
  }
  if (PlatosError.is(error) && error.code === "segment.superseded") {
    await complete(ctx.operations.store.autocommit);
    return;
  }
  if (isStoreFailure(error)) throw error;
  ctx.log.warn("a BGO's segment failed", { bgoId: bgo.id, error: failureView(error).message });
  if (PlatosError.is(error) && error.retryable && bgo.attempt < maxAttempts) {
    await retryBgo(ctx.operations, bgo, { error, complete });
    return;
  }
  await finish(ctx, claimed, { result: { status: "failed", error: failureView(error), output: null }, controls });
}
