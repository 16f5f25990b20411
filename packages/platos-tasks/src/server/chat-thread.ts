import { idPrefixes } from "../core/ids.ts";
import type { Thread } from "../core/thread.ts";
import type { Caller, OperationContext } from "../operations/context.ts";
import { createThread } from "../operations/create-thread.ts";
import { threadNotFound } from "../operations/not-found.ts";

const defaultAgent = "assistant";

/** The thread that a chat client means by its id; null when the conversation has not begun. */
export async function findChatThread(ctx: OperationContext, caller: Caller, chatId: string): Promise<Thread | null> {
  const { threads } = ctx.store.autocommit;
  return isThreadId(chatId) ? threads.find(caller.scope, chatId) : threads.findByClientChatId(caller.scope, chatId);
}

/**
 * The same, making it on first use. Two first requests may come at once: one makes it, the other finds it. Errors:
 * `thread.not_found` for an id of ours that is not here, `agent.not_found`.
 */
export async function openChatThread(
  ctx: OperationContext,
  caller: Caller,
  chat: { readonly chatId: string; readonly agent: string | null },
): Promise<Thread> {
  const known = await findChatThread(ctx, caller, chat.chatId);
  if (known !== null) return known;
  if (isThreadId(chat.chatId)) throw threadNotFound(chat.chatId);
  return createThread(ctx, caller, { agent: chat.agent ?? defaultAgent, clientChatId: chat.chatId });
}

function isThreadId(chatId: string): boolean {
  return chatId.startsWith(`${idPrefixes.thread}_`);
}
