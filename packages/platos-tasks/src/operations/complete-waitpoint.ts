import type { Actor } from "../core/actor.ts";
import { approvalSubject, parseDecision } from "../core/approval.ts";
import { PlatosError } from "../core/errors.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { WaitpointRow } from "../core/ports/store.ts";
import type { WaitpointResolution } from "../core/waitpoint.ts";
import type { OperationContext } from "./context.ts";
import { WaiterAppeared, resolveWaitpoint } from "./resolve-waitpoint.ts";

/**
 * Answers a waitpoint that the caller has found, once. Errors: `input.invalid` for a value that its schema refuses (it
 * stays open), `waitpoint.resolved` when somebody answered before, `waitpoint.expired` when its time was over or what
 * waited has ended; both say what happened.
 */
export async function completeWaitpoint(
  ctx: OperationContext,
  found: WaitpointRow,
  of: WaitpointResolution & { readonly actor: Actor },
): Promise<WaitpointRow> {
  if (found.status !== "open") throw tooLate(found, of);
  if (of.status === "completed" && found.kind === "approval") checkDecision(ctx, found, of.value);
  else if (of.status === "completed") checkValue(ctx, found, of.value);
  const resolved = await resolveOnce(ctx, found, of);
  if (resolved !== null) {
    if (resolved.call !== null) ctx.engine.wake(resolved.call.ownerKind);
    return resolved;
  }
  const now = await ctx.store.autocommit.waitpoints.find(found.scope, found.id);
  throw tooLate(now ?? found, of);
}

async function resolveOnce(
  ctx: OperationContext,
  found: WaitpointRow,
  of: WaitpointResolution & { readonly actor: Actor },
): Promise<WaitpointRow | null> {
  for (let waitpoint: WaitpointRow | null = found; waitpoint !== null;) {
    const { id, scope } = waitpoint;
    const looked = waitpoint;
    try {
      return await ctx.store.transaction("complete waitpoint", (tx) =>
        resolveWaitpoint(ctx, tx, { ...of, waitpoint: looked, when: "before_due" }),
      );
    } catch (error) {
      if (!(error instanceof WaiterAppeared)) throw error;
    }
    waitpoint = await ctx.store.autocommit.waitpoints.find(scope, id);
  }
  return null;
}

/** An approval is given for the very arguments that were shown, and edited ones must be such as the tool takes. */
function checkDecision(ctx: OperationContext, waitpoint: WaitpointRow, value: Json): void {
  const decision = parseDecision(value);
  if (decision === null) throw noDecision();
  const { argsHash, args, call } = waitpoint;
  const stored = ctx.identity.sha256(approvalSubject(call?.tool ?? "", args));
  if (stored !== argsHash || (decision.argsHash !== undefined && decision.argsHash !== argsHash))
    throw otherArguments();
  if (decision.decision === "approve" && decision.args !== undefined) checkValue(ctx, waitpoint, decision.args);
}

function noDecision(): PlatosError {
  return new PlatosError(
    "input.invalid",
    'An approval takes {"decision":"approve"}, with args to run it with others, or {"decision":"deny","reason":"…"}. It is still open.',
    { issues: [{ path: "decision", message: "approve or deny" }] },
  );
}

function otherArguments(): PlatosError {
  return new PlatosError(
    "input.invalid",
    "This was decided for other arguments than those that are asked for. Look at it again. It is still open.",
    { issues: [{ path: "argsHash", message: "not the hash of what is asked for" }] },
  );
}

function checkValue(ctx: OperationContext, { schema }: WaitpointRow, value: Json): void {
  if (schema === null) return;
  const issues = ctx.schemas.check(schema, value);
  if (issues.length === 0) return;
  const list = issues.map(({ path, message }) => `${path === "" ? "value" : path}: ${message}`).join("; ");
  throw new PlatosError(
    "input.invalid",
    `The answer does not have the form that was asked for: ${list}. It is still open.`,
    {
      issues,
    },
  );
}

/** What happened instead; whether the answer was the same one lets a repeat be told from a conflict. */
function tooLate(waitpoint: WaitpointRow, of: WaitpointResolution): PlatosError {
  const at = waitpoint.resolvedAt?.toISOString() ?? waitpoint.dueAt.toISOString();
  if (waitpoint.status === "completed" || waitpoint.status === "failed") {
    const isSame = waitpoint.status === of.status && canonicalJson(waitpoint.resolution) === canonicalJson(of.value);
    return new PlatosError(
      "waitpoint.resolved",
      isSame
        ? `This was answered before, at ${at}, with the same answer. Nothing was changed.`
        : `This was answered before, at ${at}, with another answer. That one stands; nothing was changed.`,
    );
  }
  const what = waitpoint.status === "cancelled" ? "What waited for this had ended" : "The time for this was over";
  return new PlatosError("waitpoint.expired", `${what} at ${at}. The answer was not taken; nothing was changed.`);
}
