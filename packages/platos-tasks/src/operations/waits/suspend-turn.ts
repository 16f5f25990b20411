import { answerParts } from "../../core/answer-parts.ts";
import type { ClaimedTurn, SqlExecutor } from "../../core/ports/store.ts";
import type { CallToWaitFor } from "../../core/waitpoint.ts";
import type { OperationContext } from "../context.ts";
import { openWait } from "./open-waits.ts";
import { type AnswerSteps, writeAnswer } from "../record-answer.ts";
import { wakeWaiting } from "./wake-waiting.ts";
import { workerActor } from "../worker-actor.ts";

/**
 * Lets a running turn wait for approvals, as {@link suspendBgo} does with a BGO. Its answer shows what is asked, and it
 * keeps its place in its thread. False: it was taken over, or its thread was deleted; nothing was written.
 */
export async function suspendTurn(
  ctx: OperationContext,
  turn: ClaimedTurn,
  of: {
    readonly calls: readonly CallToWaitFor[];
    readonly steps: AnswerSteps;
    readonly complete: (tx: SqlExecutor) => Promise<void>;
  },
): Promise<boolean> {
  const outcome = await ctx.store.transaction("suspend turn", async (tx) => {
    const thread = await tx.threads.lock(turn.scope, turn.threadId);
    if (thread === null) return { suspended: false, woken: false };
    const { before, added } = of.steps;
    if (added.length > 0) await tx.journal.recordForTurn(turn, added);
    if (!(await tx.turns.suspend(turn))) return { suspended: false, woken: false };
    const { scope, id, agent, threadId } = turn;
    const waiter = { scope, ownerKind: "turn", ownerId: id, agentId: agent.id, threadId, thread } as const;
    for (const call of of.calls) await openWait(ctx, tx, { waiter, call });
    const open = (await tx.waitpoints.listOf(id)).filter(({ status }) => status === "open");
    const approvals = new Map(open.flatMap((wait) => (wait.call === null ? [] : [[wait.call.callId, wait.id]])));
    await writeAnswer(tx, turn, answerParts([...before, ...added], approvals));
    const woken = await wakeWaiting(ctx, tx, { owner: waiter, actor: workerActor });
    await of.complete(tx);
    return { suspended: true, woken };
  });
  if (outcome.woken) ctx.engine.wake("turn");
  return outcome.suspended;
}
