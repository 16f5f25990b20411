import type { OpenSegment } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";

const batch = 100;
/** Longer than any engine lease: until then a segment without news is the engine's own business. */
const quietMs = 60_000;

/**
 * Gives a new segment to BGOs and turns whose segment the engine does not know any more (a job deleted, a queue
 * restored from an older backup). Returns how many.
 */
export async function recoverLost(ctx: OperationContext, olderThanMs: number = quietMs): Promise<number> {
  const suspects = await ctx.store.autocommit.journal.listSuspects(olderThanMs, batch);
  let recovered = 0;
  for (const suspect of suspects) {
    const run = await ctx.engine.describe({ ...suspect, id: suspect.segmentId });
    if (run.state !== "lost" && run.state !== "done") continue;
    if (await replaceSegment(ctx, suspect)) recovered += 1;
  }
  return recovered;
}

async function replaceSegment(ctx: OperationContext, lost: OpenSegment): Promise<boolean> {
  const segmentId = ctx.identity.newSegmentId();
  const replaced = await ctx.store.transaction("recover lost", async (tx) => {
    if (!(await tx.journal.assignSegment(lost, segmentId, lost.segmentId))) return false;
    await ctx.engine.enqueue(tx, { id: segmentId, ownerId: lost.ownerId, ownerKind: lost.ownerKind });
    return true;
  });
  if (replaced) ctx.engine.wake(lost.ownerKind);
  return replaced;
}
