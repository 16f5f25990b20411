import type { Segment } from "../core/ports/engine.ts";
import type { ClaimedTurn } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";

export interface TurnClaimOptions {
  readonly holdsLease: () => Promise<boolean>;
  /** The worker that had it takes it up again, under the same delivery: nobody crashed. */
  readonly isResumption?: boolean;
}

/**
 * Takes a delivered turn under a new epoch. Null: it has moved on or the delivery's lease was lost, and the delivery is
 * to be dropped. As with a BGO, only the delivery that has the lease may take it from the worker that ran it.
 */
export async function claimTurn(
  ctx: OperationContext,
  segment: Segment,
  { holdsLease, isResumption }: TurnClaimOptions,
): Promise<ClaimedTurn | null> {
  const { turns } = ctx.store.autocommit;
  for (;;) {
    const fresh = await turns.claim(segment.ownerId, segment.id, null);
    if (fresh !== null) return fresh;
    const epoch = await turns.runningEpoch(segment.ownerId, segment.id);
    if (epoch === null || !(await holdsLease())) return null;
    const taken = await turns.claim(segment.ownerId, segment.id, { epoch, isCrash: isResumption !== true });
    if (taken !== null) return taken;
  }
}
