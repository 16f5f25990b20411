import type { Caller, OperationContext } from "./context.ts";
import { threadNotFound } from "./not-found.ts";

/**
 * Deletes a thread with its messages and turns. Its BGOs run on and keep their results; where their terminal message
 * would go, the audit log says that it was suppressed.
 */
export async function deleteThread(ctx: OperationContext, caller: Caller, threadId: string): Promise<void> {
  await ctx.store.transaction("delete thread", async (tx) => {
    const thread = await tx.threads.lock(caller.scope, threadId);
    if (thread === null || !(await tx.threads.delete(caller.scope, threadId))) throw threadNotFound(threadId);
    await tx.audit.append(caller.scope, {
      actor: caller.actor,
      action: "thread.deleted",
      targetType: "thread",
      targetId: threadId,
      details: {},
    });
  });
}
