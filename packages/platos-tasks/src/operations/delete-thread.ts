import type { Tx, WaitpointRow } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { threadNotFound } from "./not-found.ts";
import { resolveWaitpoint } from "./waits/resolve-waitpoint.ts";

/**
 * Deletes a thread with its messages and turns. Its BGOs run on and keep their results; where their terminal message
 * would go, the audit log says that it was suppressed. Those that wait for a reply are told that there will be none.
 */
export async function deleteThread(ctx: OperationContext, caller: Caller, threadId: string): Promise<void> {
  await ctx.store.transaction("delete thread", async (tx) => {
    const thread = await tx.threads.lock(caller.scope, threadId);
    const open = await tx.waitpoints.listOpenOfThread(caller.scope, threadId);
    if (thread === null || !(await tx.threads.delete(caller.scope, threadId))) throw threadNotFound(threadId);
    await endWaits(ctx, tx, { caller, open });
    await tx.audit.append(caller.scope, {
      actor: caller.actor,
      action: "thread.deleted",
      targetType: "thread",
      targetId: threadId,
      details: {},
    });
  });
  // For those that waited for a reply.
  ctx.engine.wake("bgo");
}

/** Nobody can reply in a thread that is gone, and its turns are gone with it; all else can still come from outside. */
async function endWaits(
  ctx: OperationContext,
  tx: Tx,
  { caller, open }: { readonly caller: Caller; readonly open: readonly WaitpointRow[] },
): Promise<void> {
  const value = { reason: "its thread was deleted, so nobody can reply" };
  for (const waitpoint of open) {
    if (waitpoint.kind !== "reply" && waitpoint.call?.ownerKind !== "turn") continue;
    await resolveWaitpoint(ctx, tx, { waitpoint, status: "failed", value, actor: caller.actor, when: "any" });
  }
}
