import { PlatosError } from "../core/errors.ts";
import type { WaitpointRow } from "../core/ports/store.ts";
import type { Turn } from "../core/turn.ts";
import type { Caller, OperationContext } from "../operations/context.ts";
import { waitpointNotFound } from "../operations/not-found.ts";
import { completeWaitpoint } from "../operations/waits/complete-waitpoint.ts";
import type { ChatDecision } from "./chat-request.ts";

/**
 * Decides about calls of one chat turn and gives that turn. All are looked up before any is decided. What was decided
 * before, here or elsewhere, stays as it is: the answer shows it. Errors: `waitpoint.not_found`.
 */
export async function decideApprovals(
  ctx: OperationContext,
  caller: Caller,
  of: { readonly decisions: readonly ChatDecision[]; readonly threadId: string },
): Promise<Turn> {
  const asked = await Promise.all(
    of.decisions.map(({ waitpointId }) => findAsked(ctx, caller, { ...of, waitpointId })),
  );
  const [first] = asked;
  const turn = first === undefined ? null : await ctx.store.autocommit.turns.find(caller.scope, first.turnId);
  if (first === undefined || turn === null) throw waitpointNotFound(of.decisions[0]?.waitpointId ?? "");
  for (const [index, { isApproved, reason }] of of.decisions.entries()) {
    const waitpoint = asked[index]?.waitpoint;
    if (waitpoint === undefined || waitpoint.status !== "open") continue;
    const value = isApproved ? { decision: "approve" } : { decision: "deny", ...(reason === null ? {} : { reason }) };
    await completeWaitpoint(ctx, waitpoint, { status: "completed", value, actor: caller.actor }).catch(unlessDecided);
  }
  return turn;
}

async function findAsked(
  ctx: OperationContext,
  { scope }: Caller,
  { waitpointId, threadId }: { readonly waitpointId: string; readonly threadId: string },
): Promise<{ readonly waitpoint: WaitpointRow; readonly turnId: string }> {
  const waitpoint = await ctx.store.autocommit.waitpoints.find(scope, waitpointId);
  const isOfTurn = waitpoint?.kind === "approval" && waitpoint.call?.ownerKind === "turn";
  if (!isOfTurn || waitpoint.call === null || waitpoint.threadId !== threadId) throw waitpointNotFound(waitpointId);
  return { waitpoint, turnId: waitpoint.call.ownerId };
}

function unlessDecided(error: unknown): void {
  const isDecided =
    PlatosError.is(error) && (error.code === "waitpoint.resolved" || error.code === "waitpoint.expired");
  if (!isDecided) throw error;
}
