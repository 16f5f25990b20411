import { childView } from "../core/child-view.ts";
import type { TerminalStatus } from "../core/lifecycle.ts";
import type { Segment } from "../core/ports/engine.ts";
import type { BgoRow, Transaction, Tx } from "../core/ports/store.ts";
import { scheduleIdOf } from "../core/schedule.ts";
import type { OperationContext } from "./context.ts";
import { type BgoEnding, endBgo } from "./end-bgo.ts";
import { resolveWaitpoint } from "./waits/resolve-waitpoint.ts";

/** An end, and what the engine is to be told once it is committed. */
export interface BgoEnd {
  readonly bgo: BgoRow;
  /** Its parent had waited for it. */
  readonly wokeParent: boolean;
  /** Segments that were taken back with it. */
  readonly stopped: readonly Segment[];
}

/**
 * Ends a BGO inside the caller's transaction, and does what its end means for others: when it failed or was cancelled,
 * what it has spawned and still lives is cancelled; when it completed, that runs on. A parent that waits for it is
 * told. `own`: its segment, when that is to be taken back and not completed. Null: somebody else ended it first, or holds
 * it; nothing was changed.
 *
 * Locks in the order thread, BGO, descendants from the top down, parent. Two ends would meet each other on that way
 * up and down, but all BGOs of a family live in one thread and its lock lets one end in at a time.
 */
export async function endWithDescendants(
  ctx: OperationContext,
  tx: Transaction,
  ending: BgoEnding,
  own: readonly Segment[] = [],
): Promise<BgoEnd | null> {
  // Sent behind the end and its locks, so that no other round trip is needed where there are none.
  const [bgo, descendants] = await Promise.all([
    endBgo(ctx, tx, ending),
    ending.to === "completed" ? [] : tx.bgos.lockLiveDescendants(ending.bgo.id),
  ]);
  if (bgo === null) return null;
  for (const descendant of descendants) await cancelWith(ctx, tx, { descendant, ending });
  const wokeParent = bgo.parentBgoId !== null && (await resolveWaitsFor(ctx, tx, { bgo, ending }));
  const stopped = [...own, ...descendants.flatMap(segmentOf)];
  // In one statement and last: others renew many leases with one of theirs, and must not meet it halfway.
  if (stopped.length > 0) await ctx.engine.cancel(tx, ...stopped);
  return { bgo, wokeParent, stopped };
}

/** Its parent has ended as well and waits for nothing any more: parents come before their children here. */
async function cancelWith(
  ctx: OperationContext,
  tx: Transaction,
  { descendant, ending }: { readonly descendant: BgoRow; readonly ending: BgoEnding },
): Promise<void> {
  const { id } = ending.bgo;
  const who = descendant.parentBgoId === id ? `its parent ${id}` : `the BGO above its parent, ${id},`;
  const ended = await endBgo(ctx, tx, {
    bgo: descendant,
    scope: descendant.scope,
    to: "cancelled",
    // Its row is held since it was read.
    guard: "any",
    actor: ending.actor,
    reason: `${who} ${pastOf[ending.to]}`,
  });
  if (ended === null) throw new Error(`${descendant.id} was held, and could not be cancelled.`);
}

const pastOf = { completed: "completed", failed: "failed", cancelled: "was cancelled" } as const satisfies Record<
  TerminalStatus,
  string
>;

/** True when its parent had waited for it. */
async function resolveWaitsFor(
  ctx: OperationContext,
  tx: Tx,
  { bgo, ending }: { readonly bgo: BgoRow; readonly ending: BgoEnding },
): Promise<boolean> {
  const waits = await tx.waitpoints.listOpenByTarget(bgo.id);
  for (const waitpoint of waits) {
    await resolveWaitpoint(ctx, tx, {
      waitpoint,
      status: "completed",
      value: childView(bgo),
      actor: ending.actor,
      when: "any",
    });
  }
  return waits.length > 0;
}

/** The segment that a BGO names, if any. */
export function segmentOf({ id, engineRunId }: BgoRow): Segment[] {
  return engineRunId === null ? [] : [{ id: engineRunId, ownerId: id, ownerKind: "bgo" }];
}

/** Hints, after the commit: each that is lost costs a polling interval or a heartbeat. */
export function tellEngine(ctx: OperationContext, { bgo, wokeParent, stopped }: BgoEnd): void {
  if (bgo.onComplete === "wake") ctx.engine.wake("turn");
  if (wokeParent || scheduleIdOf(bgo) !== null) ctx.engine.wake("bgo");
  for (const segment of stopped) ctx.engine.interrupt(segment);
}
