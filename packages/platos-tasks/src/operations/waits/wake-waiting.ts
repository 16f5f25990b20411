import type { Actor } from "../../core/actor.ts";
import type { Tx } from "../../core/ports/store.ts";
import type { WaitingCall } from "../../core/waitpoint.ts";
import type { OperationContext } from "../context.ts";

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
  const woken = await (ownerKind === "bgo"
    ? queueBgo(tx, ownerId, { segmentId, actor: of.actor })
    : tx.turns.wake(ownerId, segmentId));
  if (woken) await ctx.engine.enqueue(tx, { id: segmentId, ownerId, ownerKind });
  return woken;
}

async function queueBgo(
  tx: Tx,
  bgoId: string,
  { segmentId, actor }: { readonly segmentId: string; readonly actor: Actor },
): Promise<boolean> {
  const queued = await tx.bgos.transition({
    id: bgoId,
    from: ["waiting"],
    to: "queued",
    guard: "any",
    actor,
    reason: "waiting for a worker",
    changes: { segmentId },
  });
  return queued !== null;
}
