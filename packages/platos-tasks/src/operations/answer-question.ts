import { PlatosError } from "../core/errors.ts";
import type { Tx, WaitpointRow } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { resolveWaitpoint } from "./resolve-waitpoint.ts";

export interface Reply {
  readonly threadId: string;
  readonly messageId: string;
  readonly text: string;
  /** The question it answers, by its waitpoint; absent: the oldest open one of the thread. */
  readonly inReplyTo?: string;
}

/**
 * Lets a user's message answer the BGO that asked for it, inside the transaction that posts it and under the thread's
 * lock. Null: no BGO of the thread is asking. Errors: `waitpoint.not_found` when `inReplyTo` names no open question of
 * this thread.
 */
export async function answerQuestion(
  ctx: OperationContext,
  tx: Tx,
  { caller, reply }: { readonly caller: Caller; readonly reply: Reply },
): Promise<WaitpointRow | null> {
  for (;;) {
    const question = await tx.waitpoints.findOpenReply(caller.scope, reply.threadId, reply.inReplyTo ?? null);
    if (question === null && reply.inReplyTo !== undefined) throw noSuchQuestion(reply.inReplyTo);
    if (question === null) return null;
    const answered = await resolveWaitpoint(ctx, tx, {
      waitpoint: question,
      status: "completed",
      value: { text: reply.text, messageId: reply.messageId },
      actor: caller.actor,
      when: "before_due",
    });
    if (answered !== null) return answered;
    // It timed out or was cancelled since it was looked at: another one may be waiting.
  }
}

function noSuchQuestion(waitpointId: string): PlatosError {
  return new PlatosError(
    "waitpoint.not_found",
    `There is no open question ${waitpointId} in this thread: it was answered or is over. Leave inReplyTo out to write to the agent.`,
    { issues: [{ path: "inReplyTo", message: "no open question of this thread" }] },
  );
}
