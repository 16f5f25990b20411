import type { Agent } from "../core/agent.ts";
import type { RecordedStep } from "../core/journal.ts";
import type { Segment } from "../core/ports/engine.ts";
import type { BgoRow, SqlExecutor } from "../core/ports/store.ts";
import type { Waitpoint } from "../core/waitpoint.ts";
import type { OperationContext } from "./context.ts";
import { endWithDescendants, tellEngine } from "./end-with-descendants.ts";
import { workerActor } from "./worker-actor.ts";

/** Lost leases in a row, without a committed step between them, after which a BGO is given up. */
export const maxCrashes = 4;

/** From here on a BGO may be the one that kills its workers, and not one that happened to run beside it. */
export const suspectCrashes = 3;

export interface ClaimedBgo {
  readonly bgo: BgoRow;
  readonly agent: Agent;
  readonly steps: readonly RecordedStep[];
  /** What it has waited for. */
  readonly waits: readonly Waitpoint[];
}

export interface ClaimOptions {
  readonly complete: (tx: SqlExecutor) => Promise<void>;
  readonly holdsLease: () => Promise<boolean>;
  /** The worker that had it takes it up again, under the same delivery: nobody crashed. */
  readonly isResumption?: boolean;
  /** Awaited before a suspect is claimed. */
  readonly turnOfSuspect?: () => Promise<void>;
}

/**
 * Takes a delivered segment under a new epoch. Null: the row has moved on or its lease was lost, and the delivery is to
 * be dropped, or the BGO had crashed its workers too often and has just been ended.
 */
export async function claimBgo(
  ctx: OperationContext,
  segment: Segment,
  options: ClaimOptions,
): Promise<ClaimedBgo | null> {
  let hasTurn = options.turnOfSuspect === undefined;
  for (;;) {
    const found = await ctx.store.autocommit.bgos.findForSegment(segment.ownerId, segment.id);
    if (found === null) return null;
    const { bgo: before, agent } = found;
    const isTakeover = before.status === "running";
    // A worker that was frozen since this was delivered must not take it from the one that has it now. Asked after the
    // look and matched by its epoch: whoever has claimed it since is not overtaken either.
    if (isTakeover && !(await options.holdsLease())) return null;
    const crashes = before.crashes + (isTakeover && options.isResumption !== true ? 1 : 0);
    if (crashes > maxCrashes) {
      await giveUp(ctx, before, { segment, crashes, complete: options.complete });
      return null;
    }
    if (crashes >= suspectCrashes && !hasTurn) {
      await options.turnOfSuspect?.();
      hasTurn = true;
      // Much may have happened meanwhile.
      continue;
    }
    const bgo = await begin(ctx, before, { segment, crashes });
    // Somebody else moved it in between: it is looked at again.
    if (bgo === null) continue;
    // A first claim has nothing to read: steps are only ever written, and waits opened, under an epoch.
    if (before.epoch === 0) return { bgo, agent, steps: [], waits: [] };
    const { journal, waitpoints } = ctx.store.autocommit;
    const [steps, waits] = await Promise.all([journal.read(bgo), waitpoints.listOf(bgo.id)]);
    return { bgo, agent, steps, waits };
  }
}

function begin(
  ctx: OperationContext,
  before: BgoRow,
  { segment, crashes }: { readonly segment: Segment; readonly crashes: number },
): Promise<BgoRow | null> {
  return ctx.store.autocommit.bgos.transition({
    id: before.id,
    from: [before.status],
    to: "running",
    guard: { segmentId: segment.id, epoch: before.epoch },
    actor: workerActor,
    reason: crashes > before.crashes ? "taken over from a lost worker" : "thinking",
    changes: { newEpoch: true, started: true, crashes },
  });
}

async function giveUp(
  ctx: OperationContext,
  bgo: BgoRow,
  of: { readonly segment: Segment; readonly crashes: number; readonly complete: (tx: SqlExecutor) => Promise<void> },
): Promise<void> {
  const end = await ctx.store.transaction("give up", (tx) =>
    endWithDescendants(ctx, tx, {
      bgo,
      scope: bgo.scope,
      to: "failed",
      guard: { segmentId: of.segment.id, epoch: bgo.epoch },
      actor: workerActor,
      reason: "worker.crashed",
      error: {
        code: "worker.crashed",
        message: `its worker died ${of.crashes} times in a row without getting any further. Make its steps smaller, or give its worker more memory.`,
      },
      complete: of.complete,
    }),
  );
  if (end !== null) tellEngine(ctx, end);
}
