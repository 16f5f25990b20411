import type { FailureView, PlatosError } from "../core/errors.ts";
import type { BgoRow, SqlExecutor } from "../core/ports/store.ts";
import { retryDelayMs } from "../core/retry.ts";
import type { OperationContext } from "./context.ts";
import { workerActor } from "./worker-actor.ts";

/**
 * Gives a running BGO back to the queue because its worker stops: due at once, no attempt counted. False: this epoch
 * no longer holds it.
 */
export async function releaseBgo(
  ctx: OperationContext,
  bgo: BgoRow,
  complete: (tx: SqlExecutor) => Promise<void>,
): Promise<boolean> {
  const segmentId = ctx.identity.newSegmentId();
  const released = await ctx.store.transaction("release", async (tx) => {
    const row = await tx.bgos.transition({
      id: bgo.id,
      from: ["running"],
      to: "queued",
      guard: { epoch: bgo.epoch },
      actor: workerActor,
      reason: "its worker is stopping; waiting for another",
      changes: { segmentId },
    });
    if (row === null) return false;
    await Promise.all([complete(tx), ctx.engine.enqueue(tx, { id: segmentId, ownerId: bgo.id, ownerKind: "bgo" })]);
    return true;
  });
  if (released) ctx.engine.wake("bgo");
  return released;
}

/** Puts a BGO back for its next attempt, later. False: this epoch no longer holds it. */
export async function retryBgo(
  ctx: OperationContext,
  bgo: BgoRow,
  of: { readonly error: PlatosError; readonly complete: (tx: SqlExecutor) => Promise<void> },
): Promise<boolean> {
  const wakeInMs = retryDelayMs(bgo.attempt, of.error.retryAfterMs, Math.random());
  const failure: FailureView = { code: of.error.code, message: of.error.message };
  return ctx.store.transaction("retry", async (tx) => {
    const row = await tx.bgos.transition({
      id: bgo.id,
      from: ["running"],
      to: "queued",
      guard: { epoch: bgo.epoch },
      actor: workerActor,
      reason: `attempt ${bgo.attempt + 1} in ${Math.ceil(wakeInMs / 1000)} s, after: ${failure.message}`,
      changes: { segmentId: null, wakeInMs, attempt: bgo.attempt + 1, error: failure },
    });
    if (row === null) return false;
    await of.complete(tx);
    return true;
  });
}
