import type { Actor } from "../core/actor.ts";
import type { BgoRow, Tx } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";

/** Queues a scheduled BGO and hands it to the engine, in time or ahead of it. Null: it is not scheduled any more; nothing was changed. */
export async function startScheduled(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly bgoId: string; readonly actor: Actor; readonly reason: string; readonly isAhead: boolean },
): Promise<BgoRow | null> {
  const segmentId = ctx.identity.newSegmentId();
  const bgo = await tx.bgos.transition({
    id: of.bgoId,
    from: ["scheduled"],
    to: "queued",
    guard: "any",
    actor: of.actor,
    reason: of.reason,
    changes: { segmentId, wakeInMs: null, runsNow: of.isAhead },
  });
  if (bgo !== null) await ctx.engine.enqueue(tx, { id: segmentId, ownerId: bgo.id, ownerKind: "bgo" });
  return bgo;
}
