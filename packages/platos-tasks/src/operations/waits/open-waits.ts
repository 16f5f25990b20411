import { childView } from "../../core/child-view.ts";
import type { OwnerKind } from "../../core/journal.ts";
import { isTerminal } from "../../core/lifecycle.ts";
import type { NewWaitpoint, Tx, WaitpointRow } from "../../core/ports/store.ts";
import type { Scope } from "../../core/scope.ts";
import type { Thread } from "../../core/thread.ts";
import { type CallToWaitFor, type WaitingCall, waitLimits, type WaitRequest } from "../../core/waitpoint.ts";
import type { OperationContext } from "../context.ts";
import { workerActor } from "../worker-actor.ts";

/** Who waits. */
export interface Waiter {
  readonly scope: Scope;
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
  readonly agentId: string;
  readonly threadId: string;
  /** Locked; null when it was deleted. */
  readonly thread: Thread | null;
}

/** Opens a waitpoint for a call of its owner, and resolves it at once when what it waits for is there already. */
export async function openWait(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly waiter: Waiter; readonly call: CallToWaitFor },
): Promise<void> {
  const { waiter, call } = of;
  switch (call.request.kind) {
    case "time":
      return openTimeWait(ctx, tx, { waiter, call, until: call.request.until });
    case "reply":
      return openReplyWait(ctx, tx, { waiter, call, request: call.request });
    case "token":
      return openTokenWait(ctx, tx, { waiter, call, request: call.request });
    case "bgo":
      return openBgoWait(ctx, tx, { waiter, call, request: call.request });
    case "approval":
      return openApproval(ctx, tx, { waiter, call, request: call.request });
  }
}

type Opening<Kind extends WaitRequest["kind"]> = {
  readonly waiter: Waiter;
  readonly call: CallToWaitFor;
  readonly request: Extract<WaitRequest, { kind: Kind }>;
};

async function openTimeWait(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly waiter: Waiter; readonly call: CallToWaitFor; readonly until: Date },
): Promise<void> {
  const opened = await insert(ctx, tx, { ...of, kind: "time", due: of.until });
  if (opened === null) return;
  // A time that has come already, by the database's clock, wakes it at once.
  const value = of.until.toISOString();
  await tx.waitpoints.resolve({ id: opened.id, status: "completed", value, actor: workerActor, when: "once_due" });
}

async function openReplyWait(ctx: OperationContext, tx: Tx, of: Opening<"reply">): Promise<void> {
  const { waiter, request } = of;
  const due = { inMs: request.timeoutSeconds * 1000 };
  const id = ctx.identity.newId("waitpoint");
  const tokenHash = ctx.identity.sha256(ctx.links.tokenOf(id));
  const opened = await insert(ctx, tx, { ...of, kind: "reply", id, due, question: request.question, tokenHash });
  if (opened === null) return;
  if (waiter.thread === null) await fail(tx, opened, "its thread was deleted, so nobody can reply");
  else await ask(ctx, tx, { waiter, waitpoint: opened });
}

async function openTokenWait(ctx: OperationContext, tx: Tx, of: Opening<"token">): Promise<void> {
  const { waiter, request } = of;
  if (request.waitpointId !== null) return waitForToken(ctx, tx, { ...of, waitpointId: request.waitpointId });
  const id = ctx.identity.newId("waitpoint");
  const opened = await insert(ctx, tx, {
    ...of,
    kind: "token",
    id,
    due: { inMs: (request.timeoutSeconds ?? waitLimits.defaultSeconds) * 1000 },
    question: request.question,
    schema: request.schema,
    signature: request.signature,
    tokenHash: ctx.identity.sha256(ctx.links.tokenOf(id)),
  });
  if (opened !== null && waiter.thread !== null) await ask(ctx, tx, { waiter, waitpoint: opened });
}

/** Waits for a token that was made before. Whoever waited for it already is told again how that ended. */
async function waitForToken(
  ctx: OperationContext,
  tx: Tx,
  of: Opening<"token"> & { readonly waitpointId: string },
): Promise<void> {
  const { waiter, call, request, waitpointId } = of;
  const withinMs = request.timeoutSeconds === null ? null : request.timeoutSeconds * 1000;
  const to = { call: callOf(waiter, call), threadId: waiter.threadId, withinMs };
  if ((await tx.waitpoints.attach(waiter.scope, waitpointId, to)) !== null) return;
  const earlier = await tx.waitpoints.find(waiter.scope, waitpointId);
  const opened = await insert(ctx, tx, { ...of, kind: "token", due: { inMs: 0 } });
  if (opened === null) return;
  if (earlier?.call?.ownerId !== waiter.ownerId || earlier.status === "open") {
    return fail(tx, opened, `there is no token ${waitpointId} here that nobody waits for`);
  }
  const { status, resolution: value } = earlier;
  await tx.waitpoints.resolve({ id: opened.id, status, value, actor: workerActor, when: "any" });
}

async function openBgoWait(ctx: OperationContext, tx: Tx, of: Opening<"bgo">): Promise<void> {
  const { waiter, request } = of;
  const due = { inMs: request.timeoutSeconds * 1000 };
  const child = await tx.bgos.find(waiter.scope, request.bgoId);
  const isChild = child?.parentBgoId === waiter.ownerId;
  const opened = await insert(ctx, tx, { ...of, kind: "bgo", due, targetBgoId: isChild ? child.id : null });
  if (opened === null) return;
  if (!isChild) return fail(tx, opened, `${request.bgoId} is no BGO that this one has spawned`);
  // Looked up under the thread's lock, as every end is written: it has ended before, or will find this wait.
  if (!isTerminal(child.status)) return;
  const value = childView(child);
  await tx.waitpoints.resolve({ id: opened.id, status: "completed", value, actor: workerActor, when: "any" });
}

async function openApproval(ctx: OperationContext, tx: Tx, of: Opening<"approval">): Promise<void> {
  const { waiter, request } = of;
  const id = ctx.identity.newId("waitpoint");
  const opened = await insert(ctx, tx, {
    ...of,
    kind: "approval",
    id,
    due: { inMs: request.timeoutSeconds * 1000 },
    question: `May ${request.tool} run with these arguments?`,
    schema: request.schema,
    args: request.args,
    argsHash: request.argsHash,
    tokenHash: ctx.identity.sha256(ctx.links.tokenOf(id)),
  });
  if (opened === null) return;
  if (waiter.thread === null) await fail(tx, opened, "its thread was deleted, so nobody can approve it");
  else await ask(ctx, tx, { waiter, waitpoint: opened });
}

function callOf({ ownerKind, ownerId }: Waiter, { callId, tool }: CallToWaitFor): WaitingCall {
  return { ownerKind, ownerId, callId, tool };
}

async function insert(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly waiter: Waiter; readonly call: CallToWaitFor } & Pick<NewWaitpoint, "kind" | "due"> &
    Partial<Omit<NewWaitpoint, "call">>,
): Promise<WaitpointRow | null> {
  const { waiter, call, ...given } = of;
  return tx.waitpoints.insert(waiter.scope, {
    id: given.id ?? ctx.identity.newId("waitpoint"),
    kind: given.kind,
    due: given.due,
    call: callOf(waiter, call),
    threadId: waiter.threadId,
    question: given.question ?? null,
    schema: given.schema ?? null,
    tokenHash: given.tokenHash ?? null,
    signature: given.signature ?? null,
    targetBgoId: given.targetBgoId ?? null,
    args: given.args ?? null,
    argsHash: given.argsHash ?? null,
  });
}

async function fail(tx: Tx, waitpoint: WaitpointRow, reason: string): Promise<void> {
  await tx.waitpoints.resolve({
    id: waitpoint.id,
    status: "failed",
    value: { reason },
    actor: workerActor,
    when: "any",
  });
}

/** The question stands in the thread, in the name of the agent that asks; its link is added when it is shown. */
async function ask(
  ctx: OperationContext,
  tx: Tx,
  { waiter, waitpoint }: { readonly waiter: Waiter; readonly waitpoint: WaitpointRow },
): Promise<void> {
  const { ownerKind, ownerId } = waiter;
  await tx.messages.append(waiter.scope, {
    id: ctx.identity.newId("message"),
    threadId: waiter.threadId,
    role: "assistant",
    kind: "question",
    authorAgentId: waiter.agentId,
    bgoId: ownerKind === "bgo" ? ownerId : null,
    turnId: ownerKind === "turn" ? ownerId : null,
    terminal: false,
    parts: [{ type: "text", text: waitpoint.question ?? "" }],
    waitpointId: waitpoint.id,
  });
}
