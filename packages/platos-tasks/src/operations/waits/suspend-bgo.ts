import type { Step } from "../../core/journal.ts";
import type { BgoRow, SqlExecutor } from "../../core/ports/store.ts";
import { type CallToWaitFor, waitingReason } from "../../core/waitpoint.ts";
import type { OperationContext } from "../context.ts";
import { openWait } from "./open-waits.ts";
import { wakeWaiting } from "./wake-waiting.ts";
import { workerActor } from "../worker-actor.ts";

/**
 * Lets a running BGO wait: its waitpoints, the questions they ask, its status and the end of its segment commit
 * together, and from then on it is rows only. When everything is there already it is due again at once. False: it was
 * cancelled, or taken over; nothing was written. Locks in the order thread, BGO, waitpoint.
 */
export async function suspendBgo(
  ctx: OperationContext,
  bgo: BgoRow,
  of: {
    readonly calls: readonly CallToWaitFor[];
    /** What its journal lacks. */
    readonly lastSteps: readonly Step[];
    readonly complete: (tx: SqlExecutor) => Promise<void>;
  },
): Promise<boolean> {
  const { calls, lastSteps, complete } = of;
  const outcome = await ctx.store.transaction("suspend", async (tx) => {
    const thread = await tx.threads.lock(bgo.scope, bgo.threadId);
    if (lastSteps.length > 0) await tx.journal.recordForBgo(bgo, lastSteps, "waiting");
    const row = await tx.bgos.transition({
      id: bgo.id,
      from: ["running"],
      to: "waiting",
      guard: { epoch: bgo.epoch },
      actor: workerActor,
      reason: waitingReason(calls.map((call) => call.request)),
      changes: { segmentId: null },
    });
    if (row === null) return { suspended: false, woken: false };
    const { scope, agentId, threadId } = bgo;
    const waiter = { scope, ownerKind: "bgo", ownerId: bgo.id, agentId, threadId, thread } as const;
    for (const call of calls) await openWait(ctx, tx, { waiter, call });
    const woken = await wakeWaiting(ctx, tx, { owner: waiter, actor: workerActor });
    await complete(tx);
    return { suspended: true, woken };
  });
  if (outcome.woken) ctx.engine.wake("bgo");
  return outcome.suspended;
}
