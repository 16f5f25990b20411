import type { WaitpointRow } from "../../core/ports/store.ts";
import type { OperationContext } from "../context.ts";
import { inLanes } from "../in-lanes.ts";
import { resolveWaitpoint, WaiterAppeared } from "./resolve-waitpoint.ts";
import { workerActor } from "../worker-actor.ts";

const batch = 100;
/** Transactions at a time; they leave connections to others. */
const lanes = 4;
/** In one go; the rest is for the next one, so that one call always ends. */
const maxRounds = 100;

/**
 * Resolves every open waitpoint whose time has come, by the database's clock: a time wait is completed, any other one
 * has timed out. Returns how many; several workers may run it at once, and an answer that comes first wins.
 */
export async function expireWaits(ctx: OperationContext): Promise<number> {
  const failures = new Map<string, unknown>();
  let total = 0;
  for (let round = 0; round < maxRounds; round += 1) {
    const due = await ctx.store.autocommit.waitpoints.listDue(batch + failures.size);
    const fresh = due.filter(({ id }) => !failures.has(id));
    await inLanes(fresh, {
      count: lanes,
      work: async (waitpoint) => {
        if (await expire(ctx, waitpoint)) total += 1;
      },
      onFailure: ({ id }, error) => failures.set(id, error),
    });
    if (fresh.length < batch) break;
  }
  if (failures.size > 0)
    throw new AggregateError(failures.values(), `${[...failures.keys()].join(", ")} could not be ended`);
  return total;
}

async function expire(ctx: OperationContext, waitpoint: WaitpointRow): Promise<boolean> {
  const isTime = waitpoint.kind === "time";
  try {
    const resolved = await ctx.store.transaction("expire wait", (tx) =>
      resolveWaitpoint(ctx, tx, {
        waitpoint,
        status: isTime ? "completed" : "timed_out",
        value: isTime ? waitpoint.dueAt.toISOString() : null,
        actor: workerActor,
        when: "once_due",
      }),
    );
    if (resolved?.call != null) ctx.engine.wake(resolved.call.ownerKind);
    return resolved !== null;
  } catch (error) {
    // It is looked at again in the next round.
    if (error instanceof WaiterAppeared) return false;
    throw error;
  }
}
