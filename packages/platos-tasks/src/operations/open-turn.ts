import type { Tx } from "../core/ports/store.ts";
import type { Scope } from "../core/scope.ts";
import type { Thread } from "../core/thread.ts";
import type { Turn, TurnCause } from "../core/turn.ts";
import type { OperationContext } from "./context.ts";
import { agentNotFound } from "./not-found.ts";

export interface TurnOpening {
  readonly scope: Scope;
  readonly thread: Pick<Thread, "id" | "agentId">;
  readonly cause: TurnCause;
  readonly userMessageId: string | null;
  readonly position: number;
  /** Of the BGO that woke it; 0 for a person's message. */
  readonly depth: number;
}

/** Adds a turn to a thread that the caller has locked, and starts it unless another one is due or running. */
export async function openTurn(ctx: OperationContext, tx: Tx, opening: TurnOpening): Promise<Turn> {
  const { scope, thread } = opening;
  const agent = await tx.agents.find(scope, thread.agentId);
  if (agent === null) throw agentNotFound(thread.agentId);
  const turn = await tx.turns.insert(scope, {
    id: ctx.identity.newId("turn"),
    threadId: thread.id,
    agentVersionId: agent.versionId,
    cause: opening.cause,
    userMessageId: opening.userMessageId,
    assistantMessageId: ctx.identity.newId("message"),
    position: opening.position,
    depth: opening.depth,
  });
  await startNextTurn(ctx, tx, { scope, threadId: thread.id });
  return turn;
}

/** Hands the oldest waiting turn of a locked thread to the engine, if none is due or running. */
export async function startNextTurn(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly scope: Scope; readonly threadId: string },
): Promise<void> {
  const next = await tx.turns.nextWaiting(of.scope, of.threadId);
  if (next === null) return;
  const segmentId = ctx.identity.newSegmentId();
  await Promise.all([
    tx.journal.assignSegment({ ownerKind: "turn", ownerId: next.id }, segmentId, null),
    ctx.engine.enqueue(tx, { id: segmentId, ownerId: next.id, ownerKind: "turn" }),
  ]);
}
