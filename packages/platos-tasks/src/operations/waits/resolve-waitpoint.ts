import type { Actor } from "../../core/actor.ts";
import type { Tx, WaitpointResolving, WaitpointRow } from "../../core/ports/store.ts";
import type { WaitpointResolution } from "../../core/waitpoint.ts";
import type { OperationContext } from "../context.ts";
import { wakeWaiting } from "./wake-waiting.ts";
import { workerActor } from "../worker-actor.ts";

/** Rolls back: somebody began to wait for a token between its look-up and its resolution. Look again. */
export class WaiterAppeared extends Error {}

/**
 * Resolves a waitpoint inside the caller's transaction and, when nothing else is waited for, wakes its owner. Null: it
 * was resolved before, its time is not as asked, or its owner has ended. Locks in the order owner, then waitpoint.
 */
export async function resolveWaitpoint(
  ctx: OperationContext,
  tx: Tx,
  of: WaitpointResolution & {
    readonly waitpoint: WaitpointRow;
    readonly actor: Actor;
    readonly when: WaitpointResolving["when"];
  },
): Promise<WaitpointRow | null> {
  const { waitpoint, status, value, actor, when } = of;
  const owner = waitpoint.call;
  if (owner !== null && !(await tx.waitpoints.lockOwner(owner))) {
    await callOff(tx, waitpoint.id);
    return null;
  }
  const resolved = await tx.waitpoints.resolve({ id: waitpoint.id, status, value, actor, when });
  if (resolved === null || resolved.call === null) return resolved;
  if (owner === null) throw new WaiterAppeared();
  await wakeWaiting(ctx, tx, { owner, actor });
  return resolved;
}

/** What would have waited for it is gone, with its thread for example; mostly it has been closed already. */
async function callOff(tx: Tx, id: string): Promise<void> {
  const value = { reason: "what waited for it has ended" };
  await tx.waitpoints.resolve({ id, status: "cancelled", value, actor: workerActor, when: "any" });
}
