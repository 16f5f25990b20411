import type { BgoRow } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";
import { threadNotFound } from "./not-found.ts";
import { superseded } from "./superseded.ts";

export interface BgoMessage {
  readonly kind: "progress" | "result";
  readonly text: string;
  /** Posting again under the same key posts nothing. */
  readonly callKey: string;
}

/** Posts a progress message of a running BGO now, or keeps its result for the terminal message. */
export async function createBgoMessage(
  ctx: OperationContext,
  bgo: BgoRow,
  message: BgoMessage,
): Promise<{ readonly state: "posted" | "staged" }> {
  if (message.kind === "result") {
    if (!(await ctx.store.autocommit.bgos.annotate(bgo, { stagedResult: message.text }))) throw superseded();
    return { state: "staged" };
  }
  await ctx.store.transaction("progress message", async (tx) => {
    const thread = await tx.threads.lock(bgo.scope, bgo.threadId);
    if (thread === null) throw threadNotFound(bgo.threadId);
    if ((await tx.messages.findByKey(bgo.scope, thread.id, message.callKey)) !== null) return;
    if (!(await tx.bgos.annotate(bgo, { progress: { message: message.text.slice(0, 200) } }))) throw superseded();
    await tx.messages.append(bgo.scope, {
      id: ctx.identity.newId("message"),
      threadId: thread.id,
      role: "assistant",
      kind: "progress",
      authorAgentId: bgo.agentId,
      bgoId: bgo.id,
      turnId: null,
      terminal: false,
      parts: [{ type: "text", text: message.text }],
      idempotencyKey: message.callKey,
      bodyHash: ctx.identity.sha256(message.text),
    });
  });
  return { state: "posted" };
}
