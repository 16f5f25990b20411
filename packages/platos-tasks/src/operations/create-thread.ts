import type { Thread } from "../core/thread.ts";
import type { Caller, OperationContext } from "./context.ts";
import { agentNotFound } from "./not-found.ts";

export interface NewThreadRequest {
  /** Id or slug. */
  readonly agent: string;
  readonly title?: string;
  /** The id that a chat client made up: the same one always means the same thread. */
  readonly clientChatId?: string;
}

export async function createThread(ctx: OperationContext, caller: Caller, request: NewThreadRequest): Promise<Thread> {
  const agent = await ctx.store.autocommit.agents.find(caller.scope, request.agent);
  if (agent === null) throw agentNotFound(request.agent);
  const clientChatId = request.clientChatId ?? null;
  const find = async (): Promise<Thread | null> =>
    clientChatId === null ? null : ctx.store.autocommit.threads.findByClientChatId(caller.scope, clientChatId);
  const known = await find();
  if (known !== null) return known;
  const thread = { id: ctx.identity.newId("thread"), agentId: agent.id, title: request.title ?? null, clientChatId };
  try {
    return await ctx.store.autocommit.threads.insert(caller.scope, thread);
  } catch (error) {
    // Two first calls at once: the one that came second finds what the first has made.
    const made = await find();
    if (made === null) throw error;
    return made;
  }
}
