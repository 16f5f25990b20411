import type { Actor } from "../../core/actor.ts";
import { PlatosError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { WaitpointRow } from "../../core/ports/store.ts";
import { isSameAnswer, type WaitpointResolution } from "../../core/waitpoint.ts";
import { acceptedValue, refuseDeep } from "./accepted-value.ts";
import type { OperationContext } from "../context.ts";
import { resolveWithMessage } from "./resolve-with-message.ts";
import { WaiterAppeared, resolveWaitpoint } from "./resolve-waitpoint.ts";

/** How a waitpoint is answered, and by whom. */
export interface Answer extends WaitpointResolution {
  readonly actor: Actor;
  /** Of a reply: it also stands in the thread, as the user's message. */
  readonly isPosted?: boolean;
}

/**
 * Answers a waitpoint that the caller has found, once. Errors: `input.invalid` and `request.too_large` for a value that
 * is refused (it stays open), `waitpoint.resolved` when somebody answered before, `waitpoint.expired` when its time was
 * over or what waited has ended; both say what happened.
 */
export async function completeWaitpoint(
  ctx: OperationContext,
  found: WaitpointRow,
  answer: Answer,
): Promise<WaitpointRow> {
  refuseDeep(answer.value);
  if (found.status !== "open") throw tooLate(found, answer);
  const value = answer.status === "completed" ? await valueOf(ctx, found, answer) : answer.value;
  const resolved = await resolveOnce(ctx, found, { ...answer, value });
  if (resolved !== null) {
    if (resolved.call !== null) ctx.engine.wake(resolved.call.ownerKind);
    return resolved;
  }
  const now = await ctx.store.autocommit.waitpoints.find(found.scope, found.id);
  throw tooLate(now ?? found, answer);
}

/** A value that is refused was too late all the same, if it was: only what is still open can be answered better. */
async function valueOf(ctx: OperationContext, found: WaitpointRow, answer: Answer): Promise<Json> {
  try {
    return acceptedValue(ctx, found, answer.value);
  } catch (error) {
    const { autocommit } = ctx.store;
    const latest = (await autocommit.waitpoints.find(found.scope, found.id)) ?? found;
    if (latest.status !== "open" || latest.dueAt <= (await autocommit.now())) throw tooLate(latest, answer);
    throw error;
  }
}

async function resolveOnce(ctx: OperationContext, found: WaitpointRow, answer: Answer): Promise<WaitpointRow | null> {
  const resolve = found.kind === "reply" && answer.isPosted === true ? resolveWithMessage : resolveWaitpoint;
  for (let waitpoint: WaitpointRow | null = found; waitpoint !== null;) {
    const { id, scope } = waitpoint;
    const looked = waitpoint;
    try {
      return await ctx.store.transaction("complete waitpoint", (tx) =>
        resolve(ctx, tx, { ...answer, waitpoint: looked, when: "before_due" }),
      );
    } catch (error) {
      if (!(error instanceof WaiterAppeared)) throw error;
    }
    waitpoint = await ctx.store.autocommit.waitpoints.find(scope, id);
  }
  return null;
}

/** What happened instead. Whether the answer was the same one tells a repeat from a conflict; null: there is none. */
export function tooLate(waitpoint: WaitpointRow, answer: WaitpointResolution | null): PlatosError {
  const at = waitpoint.resolvedAt?.toISOString() ?? waitpoint.dueAt.toISOString();
  if (waitpoint.status === "completed" || waitpoint.status === "failed") {
    return new PlatosError("waitpoint.resolved", `This was answered before, at ${at}${comparison(waitpoint, answer)}`);
  }
  const what = waitpoint.status === "cancelled" ? "What waited for this had ended" : "The time for this was over";
  return new PlatosError("waitpoint.expired", `${what} at ${at}. The answer was not taken; nothing was changed.`);
}

function comparison(waitpoint: WaitpointRow, answer: WaitpointResolution | null): string {
  if (answer === null) return ".";
  const isSame = waitpoint.status === answer.status && isSameAnswer(waitpoint, answer.value);
  return isSame
    ? ", with the same answer. Nothing was changed."
    : ", with another answer. That one stands; nothing was changed.";
}
