import type { Actor } from "../core/actor.ts";
import type { Tx } from "../core/ports/store.ts";
import type { WaitingCall } from "../core/waitpoint.ts";
import type { OperationContext } from "./context.ts";

/**
 * Hands an owner that is waiting to the engine, unless something it waits for is still open. The caller holds the
 * owner's row, so that of the last two resolutions one sees the other. True: it was handed over.
 */
export async function wakeWaiting(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly owner: Pick<WaitingCall, "ownerKind" | "ownerId">; readonly actor: Actor },
): Promise<boolean> {
  const { ownerId, ownerKind } = of.owner;
  if ((await tx.waitpoints.countOpen(ownerId)) > 0) return false;
  const segmentId = ctx.identity.newSegmentId();
  const woken = await tx.bgos.transition({
    id: ownerId,
    from: ["waiting"],
    to: "queued",
    guard: "any",
    actor: of.actor,
    reason: "waiting for a worker",
    changes: { segmentId },
  });
  if (woken === null) return false;
  await ctx.engine.enqueue(tx, { id: segmentId, ownerId, ownerKind });
  return true;
}
