import type { Tx } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { threadNotFound } from "./not-found.ts";
import { resolveWaitpoint } from "./resolve-waitpoint.ts";

/**
 * Deletes a thread with its messages and turns. Its BGOs run on and keep their results; where their terminal message
 * would go, the audit log says that it was suppressed.
 */
export async function deleteThread(ctx: OperationContext, caller: Caller, threadId: string): Promise<void> {
  await ctx.store.transaction("delete thread", async (tx) => {
    const thread = await tx.threads.lock(caller.scope, threadId);
    const ofTurns = await tx.waitpoints.listOpenOfTurns(caller.scope, threadId);
    if (thread === null || !(await tx.threads.delete(caller.scope, threadId))) throw threadNotFound(threadId);
    // Its turns are gone, and what they waited for is called off.
    const value = { reason: "its thread was deleted" };
    for (const waitpoint of ofTurns) {
      await resolveWaitpoint(ctx, tx, { waitpoint, status: "cancelled", value, actor: caller.actor, when: "any" });
    }
    await endReplyWaits(ctx, tx, { caller, threadId });
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

/** Nobody can reply in a thread that is gone. */
async function endReplyWaits(
  ctx: OperationContext,
  tx: Tx,
  { caller, threadId }: { readonly caller: Caller; readonly threadId: string },
): Promise<void> {
  for (;;) {
    const question = await tx.waitpoints.findOpenReply(caller.scope, threadId, null);
    if (question === null) return;
    const value = { reason: "its thread was deleted, so nobody can reply" };
    await resolveWaitpoint(ctx, tx, { waitpoint: question, status: "failed", value, actor: caller.actor, when: "any" });
  }
}
