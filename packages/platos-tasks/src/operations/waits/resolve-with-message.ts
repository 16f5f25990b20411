import type { Tx, WaitpointRow } from "../../core/ports/store.ts";
import { textOfReply } from "../../core/waitpoint.ts";
import type { OperationContext } from "../context.ts";
import { resolveWaitpoint } from "./resolve-waitpoint.ts";

/**
 * As `resolveWaitpoint`, for a reply that came by a link or by e-mail: it is posted as the user's message as well, if
 * the thread is still there. No turn answers it: it is for the BGO. Locks the thread first.
 */
export async function resolveWithMessage(
  ctx: OperationContext,
  tx: Tx,
  of: Parameters<typeof resolveWaitpoint>[2],
): Promise<WaitpointRow | null> {
  const { scope, threadId } = of.waitpoint;
  const thread = threadId === null ? null : await tx.threads.lock(scope, threadId);
  if (thread === null) return resolveWaitpoint(ctx, tx, of);
  const messageId = ctx.identity.newId("message");
  const text = textOfReply(of.value) ?? "";
  const resolved = await resolveWaitpoint(ctx, tx, { ...of, value: { text, messageId } });
  if (resolved === null) return null;
  await tx.messages.append(scope, {
    id: messageId,
    threadId: thread.id,
    role: "user",
    kind: "chat",
    authorAgentId: null,
    bgoId: null,
    turnId: null,
    terminal: false,
    parts: [{ type: "text", text }],
    waitpointId: resolved.id,
  });
  return resolved;
}
