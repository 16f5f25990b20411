import { PlatosError } from "../../core/errors.ts";
import type { Tx, WaitpointRow } from "../../core/ports/store.ts";
import type { Caller, OperationContext } from "../context.ts";
import { resolveWaitpoint } from "./resolve-waitpoint.ts";

export interface Reply {
  readonly messageId: string;
  readonly text: string;
  /** The question it answers, by its waitpoint; absent: the oldest open one of the thread. */
  readonly inReplyTo?: string;
  /** It answers nobody's question. */
  readonly isForAgent: boolean;
}

/**
 * What a user's message does to those who wait in its thread, inside the transaction that posts it and under the
 * thread's lock. It answers the BGO that asked: the one it names, or the one that has asked longest. One that answers
 * nobody is for the agent, and tells a chat turn that waits for an approval that the user has moved on. Gives the
 * question that was answered, or null. Errors: `waitpoint.not_found` when `inReplyTo` names no open question of this
 * thread.
 */
export async function answerQuestion(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly caller: Caller; readonly threadId: string; readonly reply: Reply },
): Promise<WaitpointRow | null> {
  const { caller, threadId, reply } = of;
  const open = await tx.waitpoints.listOpenOfThread(caller.scope, threadId);
  const questions = reply.isForAgent
    ? []
    : open.filter(({ kind, id }) => kind === "reply" && (reply.inReplyTo ?? id) === id);
  for (const question of questions) {
    const answered = await resolveWaitpoint(ctx, tx, {
      waitpoint: question,
      status: "completed",
      value: { text: reply.text, messageId: reply.messageId },
      actor: caller.actor,
      when: "before_due",
    });
    if (answered !== null) return answered;
    // Its time is over or it was cancelled since it was looked at: another one may be waiting.
  }
  if (reply.inReplyTo !== undefined) throw noSuchQuestion(reply.inReplyTo);
  await denyApprovals(ctx, tx, { caller, asked: open.filter(isAskedByTurn) });
  return null;
}

/** Approvals of BGOs stay open: nobody has turned away from those. */
function isAskedByTurn({ kind, call }: WaitpointRow): boolean {
  return kind === "approval" && call?.ownerKind === "turn";
}

async function denyApprovals(
  ctx: OperationContext,
  tx: Tx,
  { caller, asked }: { readonly caller: Caller; readonly asked: readonly WaitpointRow[] },
): Promise<void> {
  for (const waitpoint of asked) {
    const value = { decision: "deny", reason: "the user wrote something else instead" };
    await resolveWaitpoint(ctx, tx, { waitpoint, status: "completed", value, actor: caller.actor, when: "any" });
  }
}

function noSuchQuestion(waitpointId: string): PlatosError {
  return new PlatosError(
    "waitpoint.not_found",
    `There is no open question ${waitpointId} in this thread: it was answered or is over. Leave inReplyTo out to write to the agent.`,
    { issues: [{ path: "inReplyTo", message: "no open question of this thread" }] },
  );
}
