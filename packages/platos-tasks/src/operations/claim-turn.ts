import type { Segment } from "../core/ports/engine.ts";
import type { ClaimedTurn } from "../core/ports/store.ts";
import type { ClaimOptions } from "./claim-bgo.ts";
import type { OperationContext } from "./context.ts";

/**
 * Takes a delivered turn under a new epoch. Null: it has moved on or the delivery's lease was lost, and the delivery is
 * to be dropped. As with a BGO, only the delivery that has the lease may take it from the worker that ran it.
 */
export async function claimTurn(
  ctx: OperationContext,
  segment: Segment,
  { holdsLease, isResumption }: Pick<ClaimOptions, "holdsLease" | "isResumption">,
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
