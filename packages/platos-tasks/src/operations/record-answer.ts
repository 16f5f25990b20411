import { answerParts } from "../core/answer-parts.ts";
import type { Step } from "../core/journal.ts";
import type { JournalTotals } from "../core/ports/journal.ts";
import type { MessagePart } from "../core/message.ts";
import type { ClaimedTurn, Tx } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";

export interface AnswerSteps {
  /** Everything recorded before. */
  readonly before: readonly Step[];
  readonly added: readonly Step[];
}

/**
 * Records steps of a turn and, in the same transaction, what its message says now: whoever reads the thread sees what
 * the journal holds. Null: another worker has the turn, or its thread was deleted; nothing was written.
 */
export async function recordAnswer(
  ctx: OperationContext,
  turn: ClaimedTurn,
  steps: AnswerSteps,
): Promise<JournalTotals | null> {
  return ctx.store.transaction("record answer", async (tx) => {
    const thread = await tx.threads.lock(turn.scope, turn.threadId);
    if (thread === null) return null;
    const totals = await tx.journal.recordForTurn(turn, steps.added);
    if (totals === null) return null;
    await writeAnswer(tx, turn, answerParts([...steps.before, ...steps.added]));
    return totals;
  });
}

/** What the turn's message says now. The caller holds the thread's lock. */
export async function writeAnswer(tx: Tx, turn: ClaimedTurn, parts: readonly MessagePart[]): Promise<void> {
  const { scope } = turn;
  if (await tx.messages.replaceParts(scope, turn.assistantMessageId, parts)) return;
  await tx.messages.append(scope, {
    id: turn.assistantMessageId,
    threadId: turn.threadId,
    role: "assistant",
    kind: "chat",
    authorAgentId: turn.agent.id,
    bgoId: null,
    turnId: turn.id,
    terminal: false,
    parts,
  });
}
