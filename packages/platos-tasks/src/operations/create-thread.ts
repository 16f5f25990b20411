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
  return ctx.store.autocommit.threads.insert(caller.scope, {
    id: ctx.identity.newId("thread"),
    agentId: agent.id,
    title: request.title ?? null,
    clientChatId: request.clientChatId ?? null,
  });
}
