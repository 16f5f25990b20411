import type { FailureView, PlatosError } from "../core/errors.ts";
import type { ClaimedTurn, SqlExecutor } from "../core/ports/store.ts";
import { retryDelayMs } from "../core/retry.ts";
import type { OperationContext } from "./context.ts";
import { startNextTurn } from "./open-turn.ts";

type Complete = (tx: SqlExecutor) => Promise<void>;

/** Rolls the transaction back because somebody else has the turn. */
class TurnLost extends Error {}

/**
 * Ends a turn that this epoch holds and starts the next one of its thread. A failed turn leaves a message that says
 * why. False: it was taken over, or its thread was deleted; nothing was written.
 */
export async function finishTurn(
  ctx: OperationContext,
  turn: ClaimedTurn,
  of: { readonly error: FailureView | null; readonly complete: Complete },
): Promise<boolean> {
  const { scope } = turn;
  try {
    await ctx.store.transaction("finish turn", async (tx) => {
      const thread = await tx.threads.lock(scope, turn.threadId);
      const status = of.error === null ? "completed" : "failed";
      // Before the end: who follows the thread until its turn has ended looks at nothing that is announced after it.
      if (thread !== null && of.error !== null) await tx.messages.append(scope, failureMessage(ctx, turn, of.error));
      if (!(await tx.turns.finish(turn, { status, error: of.error }))) throw new TurnLost();
      if (thread !== null) await startNextTurn(ctx, tx, { scope, threadId: thread.id });
      await of.complete(tx);
    });
  } catch (error) {
    if (error instanceof TurnLost) return false;
    throw error;
  }
  ctx.engine.wake("turn");
  return true;
}

function failureMessage(ctx: OperationContext, turn: ClaimedTurn, error: FailureView) {
  return {
    id: ctx.identity.newId("message"),
    threadId: turn.threadId,
    role: "system",
    kind: "chat",
    authorAgentId: null,
    bgoId: null,
    turnId: turn.id,
    terminal: false,
    parts: [{ type: "text", text: `This turn failed: ${error.message}` }],
  } as const;
}

/** Gives a turn back because its worker stops: due at once, no attempt counted. */
export async function releaseTurn(ctx: OperationContext, turn: ClaimedTurn, complete: Complete): Promise<boolean> {
  const segmentId = ctx.identity.newSegmentId();
  const released = await ctx.store.transaction("release turn", async (tx) => {
    const release = { segmentId, wakeInMs: null, attempt: turn.attempt };
    if (!(await tx.turns.release(turn, release))) return false;
    await Promise.all([complete(tx), ctx.engine.enqueue(tx, { id: segmentId, ownerId: turn.id, ownerKind: "turn" })]);
    return true;
  });
  if (released) ctx.engine.wake("turn");
  return released;
}

/** Puts a turn back for its next attempt, later. */
export async function retryTurn(
  ctx: OperationContext,
  turn: ClaimedTurn,
  of: { readonly error: PlatosError; readonly complete: Complete },
): Promise<boolean> {
  const wakeInMs = retryDelayMs(turn.attempt, of.error.retryAfterMs, Math.random());
  return ctx.store.transaction("retry turn", async (tx) => {
    const release = { segmentId: null, wakeInMs, attempt: turn.attempt + 1 };
    if (!(await tx.turns.release(turn, release))) return false;
    await of.complete(tx);
    return true;
  });
}
