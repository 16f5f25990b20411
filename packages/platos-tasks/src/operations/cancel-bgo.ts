import { type CancelOutcome, cancelOutcomeOf, isTerminal } from "../core/lifecycle.ts";
import type { BgoRow, Transaction } from "../core/ports/store.ts";
import { scheduleIdOf } from "../core/schedule.ts";
import type { Caller, OperationContext } from "./context.ts";
import { endBgo } from "./end-bgo.ts";
import { bgoNotFound } from "./not-found.ts";

export interface CancelRequest {
  readonly bgoId: string;
  readonly reason?: string;
}

/**
 * Cancels a BGO, or tells truthfully why not. Cancelling is itself the terminal transition: once this has answered
 * `cancelled`, nothing can make it anything else. Errors: `bgo.not_found`.
 */
export async function cancelBgo(
  ctx: OperationContext,
  caller: Caller,
  request: CancelRequest,
): Promise<{ readonly outcome: CancelOutcome; readonly bgo: BgoRow }> {
  const decided = await ctx.store.transaction("cancel", (tx) => decide(ctx, tx, { caller, request }));
  if (decided.outcome === "cancelled" && decided.bgo.onComplete === "wake") ctx.engine.wake("turn");
  if (decided.outcome === "cancelled" && scheduleIdOf(decided.bgo) !== null) ctx.engine.wake("bgo");
  if (decided.segmentId !== null) {
    // Only a hint to stop early: a worker that misses it is refused at its next write.
    await ctx.engine.cancel({ id: decided.segmentId, ownerId: request.bgoId, ownerKind: "bgo" }).catch(() => undefined);
  }
  return { outcome: decided.outcome, bgo: decided.bgo };
}

interface Decided {
  readonly outcome: CancelOutcome;
  readonly bgo: BgoRow;
  /** Of the worker to be told, if there is one. */
  readonly segmentId: string | null;
}

async function decide(
  ctx: OperationContext,
  tx: Transaction,
  { caller, request }: { readonly caller: Caller; readonly request: CancelRequest },
): Promise<Decided> {
  for (;;) {
    const before = await tx.bgos.find(caller.scope, request.bgoId);
    if (before === null) throw bgoNotFound(request.bgoId);
    if (isTerminal(before.status)) return { outcome: cancelOutcomeOf(before.status), bgo: before, segmentId: null };
    const segmentId = before.engineRunId;
    const bgo = await endBgo(ctx, tx, {
      bgo: before,
      scope: caller.scope,
      to: "cancelled",
      // Cancelled as it was read, so that the worker that is told is the one that has it; else it is read again.
      ...(segmentId === null ? { from: [before.status], guard: "any" } : { guard: { segmentId } }),
      actor: caller.actor,
      reason: request.reason ?? "no reason given",
    });
    if (bgo !== null) return { outcome: "cancelled", bgo, segmentId };
  }
}
