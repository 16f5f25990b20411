import type { Actor } from "../core/actor.ts";
import type { FailureView } from "../core/errors.ts";
import type { Step } from "../core/journal.ts";
import type { Json } from "../core/json.ts";
import { sourcesOf, type Status, type TerminalStatus } from "../core/lifecycle.ts";
import type { BgoRow, NewMessage, SqlExecutor, Transaction, TransitionGuard, Tx } from "../core/ports/store.ts";
import type { Scope } from "../core/scope.ts";
import type { Thread } from "../core/thread.ts";
import type { OperationContext } from "./context.ts";
import { openTurn } from "./open-turn.ts";
import { releaseNextHeld } from "./schedules/release-held.ts";
import { terminalMessage } from "./terminal-message.ts";

export interface BgoEnding {
  readonly bgo: { readonly id: string; readonly threadId: string };
  readonly scope: Scope;
  readonly to: TerminalStatus;
  readonly guard: TransitionGuard;
  /** Absent: every status from which `to` may be reached. */
  readonly from?: readonly Status[];
  readonly actor: Actor;
  readonly reason: string | null;
  readonly output?: Json | null;
  readonly error?: FailureView | null;
  /** Steps that its journal still lacks; they commit with the status they lead to. */
  readonly lastSteps?: { readonly epoch: number; readonly steps: readonly Step[] } | undefined;
  /** Commits with the rest: the engine's word that the segment is done. */
  readonly complete?: (tx: SqlExecutor) => Promise<void>;
}

/**
 * Ends one BGO inside the caller's transaction: status, terminal message, audit, event, release of the segment and, when
 * it asked for it, a turn of its parent agent; what a schedule held back for it starts. `endWithDescendants` sees to what
 * its end means for its family. Null: somebody else ended it first, or holds it; nothing was changed.
 * Locks in the order thread, then BGO.
 */
export async function endBgo(ctx: OperationContext, tx: Transaction, ending: BgoEnding): Promise<BgoRow | null> {
  const { scope } = ending;
  // Sent together, run in this order; the engine closes a segment that is still this delivery's, whoever ends the BGO.
  const [thread, artifacts, , bgo] = await Promise.all([
    tx.threads.lock(scope, ending.bgo.threadId),
    tx.bgos.listArtifacts(scope, ending.bgo.id),
    recordLastSteps(tx, ending),
    changeStatus(tx, ending),
    ending.complete?.(tx),
  ]);
  if (bgo === null) return null;
  await releaseNextHeld(ctx, tx, bgo);
  const message = terminalMessage({ ...bgo, status: ending.to }, { id: ctx.identity.newId("message"), artifacts });
  if (thread === null) tx.lastly(suppress(tx, ending));
  else if (bgo.onComplete === "wake") await announceAndWake(ctx, tx, { scope, thread, bgo, message });
  else tx.lastly(tx.messages.append(scope, message));
  return bgo;
}

function changeStatus(tx: Tx, ending: BgoEnding): Promise<BgoRow | null> {
  return tx.bgos.transition({
    id: ending.bgo.id,
    from: ending.from ?? sourcesOf(ending.to),
    to: ending.to,
    guard: ending.guard,
    actor: ending.actor,
    reason: ending.reason,
    changes: {
      segmentId: null,
      wakeInMs: null,
      finished: true,
      ...(ending.output === undefined ? {} : { output: ending.output }),
      // What an earlier attempt failed with is over.
      error: ending.error ?? null,
    },
  });
}

/** A superseded epoch records nothing here, and the transition after it matches nothing either. */
async function recordLastSteps(tx: Tx, { scope, bgo, lastSteps }: BgoEnding): Promise<void> {
  if (lastSteps === undefined || lastSteps.steps.length === 0) return;
  await tx.journal.recordForBgo({ scope, id: bgo.id, epoch: lastSteps.epoch }, lastSteps.steps, "finishing");
}

async function announceAndWake(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly scope: Scope; readonly thread: Thread; readonly bgo: BgoRow; readonly message: NewMessage },
): Promise<void> {
  const { scope, thread, bgo, message } = of;
  await tx.messages.append(scope, message);
  if (await tx.turns.hasWaitingWake(thread.id)) return;
  await openTurn(ctx, tx, {
    scope,
    thread,
    cause: "wake",
    userMessageId: null,
    position: thread.lastSeq + 1,
    depth: bgo.depth,
  });
}

async function suppress(tx: Tx, { scope, actor, bgo }: BgoEnding): Promise<void> {
  await tx.audit.append(scope, {
    actor,
    action: "message.suppressed",
    targetType: "bgo",
    targetId: bgo.id,
    details: { threadId: bgo.threadId, why: "the thread was deleted" },
  });
}
