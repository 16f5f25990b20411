import type { BgoRow, NewWaitpoint, Tx, WaitpointRow } from "../core/ports/store.ts";
import type { Thread } from "../core/thread.ts";
import type { WaitRequest } from "../core/waitpoint.ts";
import type { OperationContext } from "./context.ts";
import { workerActor } from "./worker-actor.ts";

/** One call of a response that waits. */
export interface CallToWaitFor {
  readonly callId: string;
  readonly tool: string;
  readonly request: WaitRequest;
}

/** The BGO that waits; `thread`: locked, null when it was deleted. */
interface Waiter {
  readonly bgo: BgoRow;
  readonly thread: Thread | null;
}

/** Opens a waitpoint for a call of a BGO, and resolves it at once when what it waits for is there already. */
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
  const opened = await insert(ctx, tx, { ...of, kind: "reply", due, question: request.question });
  if (opened === null) return;
  if (waiter.thread === null) await fail(tx, opened, "its thread was deleted, so nobody can reply");
  else await ask(ctx, tx, { waiter, waitpoint: opened });
}

async function openTokenWait(ctx: OperationContext, tx: Tx, of: Opening<"token">): Promise<void> {
  const { waiter, request, call } = of;
  if (request.waitpointId !== null) {
    const waitingCall = { ownerKind: "bgo", ownerId: waiter.bgo.id, callId: call.callId, tool: call.tool } as const;
    const to = { call: waitingCall, threadId: waiter.bgo.threadId };
    if ((await tx.waitpoints.attach(waiter.bgo.scope, request.waitpointId, to)) !== null) return;
  }
  const id = ctx.identity.newId("waitpoint");
  const opened = await insert(ctx, tx, {
    ...of,
    kind: "token",
    id,
    due: { inMs: request.timeoutSeconds * 1000 },
    question: request.question,
    schema: request.schema,
    signature: request.signature,
    tokenHash: request.waitpointId === null ? ctx.identity.sha256(ctx.links.tokenOf(id)) : null,
  });
  if (opened === null) return;
  if (request.waitpointId !== null) {
    await fail(tx, opened, `there is no token ${request.waitpointId} here that nobody else waits for`);
  } else if (waiter.thread !== null) await ask(ctx, tx, { waiter, waitpoint: opened });
}

async function openBgoWait(ctx: OperationContext, tx: Tx, of: Opening<"bgo">): Promise<void> {
  const { waiter, request } = of;
  const due = { inMs: request.timeoutSeconds * 1000 };
  const child = await tx.bgos.find(waiter.bgo.scope, request.bgoId);
  const isChild = child?.parentBgoId === waiter.bgo.id;
  const opened = await insert(ctx, tx, { ...of, kind: "bgo", due, targetBgoId: isChild ? child.id : null });
  if (opened === null) return;
  if (!isChild) await fail(tx, opened, `${request.bgoId} is no BGO that this one has spawned`);
}

async function insert(
  ctx: OperationContext,
  tx: Tx,
  of: { readonly waiter: Waiter; readonly call: CallToWaitFor } & Pick<NewWaitpoint, "kind" | "due"> &
    Partial<Omit<NewWaitpoint, "call">>,
): Promise<WaitpointRow | null> {
  const { waiter, call, ...given } = of;
  const { bgo } = waiter;
  return tx.waitpoints.insert(bgo.scope, {
    id: given.id ?? ctx.identity.newId("waitpoint"),
    kind: given.kind,
    due: given.due,
    call: { ownerKind: "bgo", ownerId: bgo.id, callId: call.callId, tool: call.tool },
    threadId: bgo.threadId,
    question: given.question ?? null,
    schema: given.schema ?? null,
    tokenHash: given.tokenHash ?? null,
    signature: given.signature ?? null,
    targetBgoId: given.targetBgoId ?? null,
    args: null,
    argsHash: null,
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

/** The question stands in the thread, in the name of the BGO's agent; its link is added when it is shown. */
async function ask(
  ctx: OperationContext,
  tx: Tx,
  { waiter, waitpoint }: { readonly waiter: Waiter; readonly waitpoint: WaitpointRow },
): Promise<void> {
  const { bgo } = waiter;
  await tx.messages.append(bgo.scope, {
    id: ctx.identity.newId("message"),
    threadId: bgo.threadId,
    role: "assistant",
    kind: "question",
    authorAgentId: bgo.agentId,
    bgoId: bgo.id,
    turnId: null,
    terminal: false,
    parts: [{ type: "text", text: waitpoint.question ?? "" }],
    waitpointId: waitpoint.id,
  });
}
