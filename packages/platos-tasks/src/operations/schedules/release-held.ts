import type { BgoRow, Tx } from "../../core/ports/store.ts";
import { scheduleIdOf } from "../../core/schedule.ts";
import type { OperationContext } from "../context.ts";
import { inLanes } from "../in-lanes.ts";
import { startScheduled } from "../start-scheduled.ts";
import { workerActor } from "../worker-actor.ts";

const start = { actor: workerActor, reason: "waiting for a worker", isAhead: false } as const;

/**
 * Starts what a schedule held back until this BGO had ended, unless another of its BGOs is at work. The caller holds the
 * thread's lock, under which fires and ends of one schedule follow each other.
 */
export async function releaseNextHeld(
  ctx: OperationContext,
  tx: Tx,
  ended: Pick<BgoRow, "scope" | "keyScope">,
): Promise<void> {
  const id = scheduleIdOf(ended);
  if (id === null) return;
  for (;;) {
    const bgoId = await tx.schedules.nextHeld({ id, scope: ended.scope });
    // One that was cancelled or moved meanwhile is passed over.
    if (bgoId === null || (await startScheduled(ctx, tx, { ...start, bgoId })) !== null) return;
  }
}

const batch = 100;

/**
 * Starts held BGOs for which nothing is at work any more. Every end releases the next one, so there should be none: a
 * second line, so that nothing waits for ever.
 */
export async function releaseForgotten(ctx: OperationContext): Promise<number> {
  const forgotten = await ctx.store.autocommit.schedules.listForgotten(batch);
  const failures: unknown[] = [];
  let released = 0;
  await inLanes(forgotten, {
    count: 1,
    work: async (bgoId) => {
      const bgo = await ctx.store.transaction("release held", (tx) => startScheduled(ctx, tx, { ...start, bgoId }));
      if (bgo !== null) released += 1;
    },
    onFailure: (_bgoId, error) => failures.push(error),
  });
  if (released > 0) ctx.engine.wake("bgo");
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
  return released;
}
