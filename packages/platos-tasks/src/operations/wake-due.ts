import type { DueOwner, Tx } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";
import { fireDueSchedules } from "./fire-due-schedules.ts";
import { releaseForgotten } from "./release-held.ts";
import { startScheduled } from "./start-scheduled.ts";
import { workerActor } from "./worker-actor.ts";

const batch = 100;
/** In one go; the rest is for the next one, so that one call always ends. */
const maxRounds = 100;

/**
 * Hands everything whose time has come to the engine: scheduled BGOs, retries after their back-off, and fires of schedules. The one place
 * where time makes work due. Returns how many; several workers may run it at once.
 */
export async function wakeDue(ctx: OperationContext): Promise<number> {
  let total = 0;
  for (let round = 0; round < maxRounds; round += 1) {
    const woken = await wakeSome(ctx);
    total += woken;
    if (woken < batch) break;
  }
  return total + (await fireDueSchedules(ctx)) + (await releaseForgotten(ctx));
}

async function wakeSome(ctx: OperationContext): Promise<number> {
  const woken = await ctx.store.transaction("wake due", async (tx) => {
    const due = await tx.journal.takeDue(batch);
    for (const owner of due) await wake(ctx, tx, owner);
    return due;
  });
  for (const kind of new Set(woken.map((owner) => owner.ownerKind))) ctx.engine.wake(kind);
  return woken.length;
}

async function wake(ctx: OperationContext, tx: Tx, owner: DueOwner): Promise<void> {
  const start = { bgoId: owner.ownerId, actor: workerActor, reason: "waiting for a worker", isAhead: false };
  if (owner.ownerKind === "bgo" && (await startScheduled(ctx, tx, start)) !== null) return;
  // A retry is queued already; only its segment was missing.
  const segmentId = ctx.identity.newSegmentId();
  if (await tx.journal.assignSegment(owner, segmentId, null)) await ctx.engine.enqueue(tx, { id: segmentId, ...owner });
}
