import { PlatosError } from "../core/errors.ts";
import type { BgoRow, Tx } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { liesAhead } from "./lies-ahead.ts";
import { bgoNotFound } from "./not-found.ts";
import { startScheduled } from "./start-scheduled.ts";

export interface RescheduleRequest {
  readonly bgoId: string;
  readonly runAt: Date;
}

export interface RescheduleResult {
  readonly bgo: BgoRow;
  /** True when the new time lay in the past. */
  readonly ranAtOnce: boolean;
}

/**
 * Gives a scheduled BGO another time; one in the past starts it. Errors: `bgo.not_found`, `bgo.not_scheduled` when it
 * has begun or ended, `input.invalid` for a time that is too far away.
 */
export async function rescheduleBgo(
  ctx: OperationContext,
  caller: Caller,
  { bgoId, runAt }: RescheduleRequest,
): Promise<RescheduleResult> {
  const result = await ctx.store.transaction("reschedule", async (tx) => {
    await findScheduled(tx, caller, bgoId);
    if (!liesAhead(runAt, { now: await tx.now(), field: "runAt" }))
      return { bgo: await start(ctx, tx, { caller, bgoId }), ranAtOnce: true };
    const bgo = await tx.bgos.reschedule(caller.scope, { bgoId, runAt }, caller.actor);
    return { bgo: bgo ?? (await findScheduled(tx, caller, bgoId)), ranAtOnce: false };
  });
  if (result.ranAtOnce) ctx.engine.wake("bgo");
  return result;
}

/** Starts a scheduled BGO ahead of its time. Errors: `bgo.not_found`, `bgo.not_scheduled`. */
export async function runBgoNow(ctx: OperationContext, caller: Caller, bgoId: string): Promise<BgoRow> {
  const bgo = await ctx.store.transaction("run now", async (tx) => {
    await findScheduled(tx, caller, bgoId);
    return start(ctx, tx, { caller, bgoId });
  });
  ctx.engine.wake("bgo");
  return bgo;
}

async function start(
  ctx: OperationContext,
  tx: Tx,
  { caller, bgoId }: { readonly caller: Caller; readonly bgoId: string },
): Promise<BgoRow> {
  const reason = "waiting for a worker, ahead of its time";
  const bgo = await startScheduled(ctx, tx, { bgoId, actor: caller.actor, reason, isAhead: true });
  // Its time came, or somebody cancelled it, since it was looked at.
  return bgo ?? (await findScheduled(tx, caller, bgoId));
}

async function findScheduled(tx: Tx, caller: Caller, bgoId: string): Promise<BgoRow> {
  const bgo = await tx.bgos.find(caller.scope, bgoId);
  if (bgo === null) throw bgoNotFound(bgoId);
  if (bgo.status === "scheduled") return bgo;
  throw new PlatosError(
    "bgo.not_scheduled",
    `${bgo.id} is ${bgo.status}: its time can be changed only while it is scheduled. Spawn another one for another time.`,
  );
}
