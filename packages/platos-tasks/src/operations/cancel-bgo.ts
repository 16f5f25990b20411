import { type CancelOutcome, cancelOutcomeOf, isTerminal } from "../core/lifecycle.ts";
import type { BgoRow, Transaction } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import type { BgoEnding } from "./end-bgo.ts";
import { type BgoEnd, endWithDescendants, segmentOf, tellEngine } from "./end-with-descendants.ts";
import { bgoNotFound } from "./not-found.ts";

export interface CancelRequest {
  readonly bgoId: string;
  readonly reason?: string;
}

/**
 * Cancels a BGO and everything it has spawned, or tells truthfully why not. Cancelling is itself the terminal
 * transition: once this has answered `cancelled`, nothing can make it anything else. Errors: `bgo.not_found`.
 */
export async function cancelBgo(
  ctx: OperationContext,
  caller: Caller,
  request: CancelRequest,
): Promise<{ readonly outcome: CancelOutcome; readonly bgo: BgoRow }> {
  const decided = await ctx.store.transaction("cancel", (tx) => decide(ctx, tx, { caller, request }));
  if (decided.end !== null) tellEngine(ctx, decided.end);
  return { outcome: decided.outcome, bgo: decided.bgo };
}

interface Decided {
  readonly outcome: CancelOutcome;
  readonly bgo: BgoRow;
  /** Null when it was over before. */
  readonly end: BgoEnd | null;
}

async function decide(
  ctx: OperationContext,
  tx: Transaction,
  { caller, request }: { readonly caller: Caller; readonly request: CancelRequest },
): Promise<Decided> {
  for (;;) {
    const before = await tx.bgos.find(caller.scope, request.bgoId);
    if (before === null) throw bgoNotFound(request.bgoId);
    if (isTerminal(before.status)) return { outcome: cancelOutcomeOf(before.status), bgo: before, end: null };
    const segmentId = before.engineRunId;
    const ending: BgoEnding = {
      bgo: before,
      scope: caller.scope,
      to: "cancelled",
      // Cancelled as it was read, so that the worker that is told is the one that has it; else it is read again.
      ...(segmentId === null ? { from: [before.status], guard: "any" } : { guard: { segmentId } }),
      actor: caller.actor,
      reason: request.reason ?? "no reason given",
    };
    const end = await endWithDescendants(ctx, tx, ending, segmentOf(before));
    if (end !== null) return { outcome: "cancelled", bgo: end.bgo, end };
  }
}
