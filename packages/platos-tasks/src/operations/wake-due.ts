import { isStoreFailure } from "../core/errors.ts";
import type { Segment } from "../core/ports/engine.ts";
import type { Tx } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";
import { expireWaits } from "./waits/expire-waits.ts";
import { fireDueSchedules } from "./schedules/fire-due-schedules.ts";
import { workerActor } from "./worker-actor.ts";

const batch = 250;
/** In one go; the rest is for the next one, so that one call always ends. */
const maxRounds = 100;

/**
 * Hands everything whose time has come to the engine: scheduled BGOs, retries after their back-off, waits, and fires of
 * schedules. The one place where time makes work due. Returns how many; several workers may run it at once.
 */
export async function wakeDue(ctx: OperationContext): Promise<number> {
  // Mostly nothing is: then this one look is all it costs.
  const due = await ctx.store.autocommit.journal.whatIsDue();
  const lookedAt = due.schedules ? await ctx.store.autocommit.now() : null;
  const parts = [
    ...(due.owners ? [wakeOwners] : []),
    ...(due.waits ? [expireWaits] : []),
    ...(lookedAt === null ? [] : [(): Promise<number> => fireDueSchedules(ctx, lookedAt)]),
  ];
  let total = 0;
  const failures: unknown[] = [];
  for (const wake of parts) {
    try {
      total += await wake(ctx);
    } catch (error) {
      // What cannot be woken keeps nothing else from its time: the database may be well, and a row of it held by somebody.
      failures.push(error);
    }
  }
  if (failures.some((failure) => !isStoreFailure(failure)))
    throw new AggregateError(failures, failures.map(String).join("; "));
  if (failures.length > 0) throw failures[0];
  return total;
}

async function wakeOwners(ctx: OperationContext): Promise<number> {
  let total = 0;
  for (let round = 0; round < maxRounds; round += 1) {
    const woken = await wakeSome(ctx);
    total += woken;
    if (woken < batch) break;
  }
  return total;
}

async function wakeSome(ctx: OperationContext): Promise<number> {
  const woken = await ctx.store.transaction("wake due", async (tx) => {
    const due = await tx.journal.takeDue(batch);
    const segments = due.map((owner) => ({ id: ctx.identity.newSegmentId(), ...owner }));
    const started = await startBgos(tx, segments);
    const others = segments.filter(({ ownerId }) => !started.has(ownerId));
    const assigned = await Promise.all(others.map((segment) => assign(tx, segment)));
    const dueNow = [...segments.filter(({ ownerId }) => started.has(ownerId)), ...assigned.flat()];
    if (dueNow.length > 0) await ctx.engine.enqueue(tx, ...dueNow);
    return due;
  });
  for (const kind of new Set(woken.map((owner) => owner.ownerKind))) ctx.engine.wake(kind);
  return woken.length;
}

/** Queues those that are scheduled, all in one statement: thousands may be scheduled for one second. */
async function startBgos(tx: Tx, segments: readonly Segment[]): Promise<ReadonlySet<string>> {
  const starts = segments.flatMap(({ id, ownerId, ownerKind }) =>
    ownerKind === "bgo" ? [{ bgoId: ownerId, segmentId: id }] : [],
  );
  if (starts.length === 0) return new Set();
  return new Set(await tx.bgos.startScheduled(starts, { actor: workerActor, reason: "waiting for a worker" }));
}

/** A retry is queued already; only its segment was missing. */
async function assign(tx: Tx, segment: Segment): Promise<readonly Segment[]> {
  const { id, ownerId, ownerKind } = segment;
  return (await tx.journal.assignSegment({ ownerId, ownerKind }, id, null)) ? [segment] : [];
}
