import type { Context } from "hono";
import type { Log } from "../../core/ports/log.ts";
import type { Thread } from "../../core/thread.ts";
import type { Turn } from "../../core/turn.ts";
import type { Caller, OperationContext } from "../../operations/context.ts";
import { threadNotFound } from "../../operations/not-found.ts";
import { type PostedMessage, postMessage } from "../../operations/post-message.ts";
import { type ChatRequest, readChatRequest } from "../chat-request.ts";
import { decideApprovals } from "../chat-decisions.ts";
import { chatBlocks } from "../chat-stream.ts";
import { findChatThread, openChatThread } from "../chat-thread.ts";
import type { EventFeed } from "../event-feed.ts";
import { eventStreamResponse } from "../event-stream.ts";
import { EventStreamLimit, noRoomResponse } from "../event-stream-limit.ts";
import type { EventSubscription } from "../event-subscription.ts";
import { uiMessageStreamHeaders } from "../ui-message-chunk.ts";
import { traceIdOf } from "./events.ts";

export interface ChatContext {
  readonly feed: EventFeed;
  readonly runtime: { readonly operations: OperationContext; readonly log: Log };
  /** Answers that may be streamed at once; 200 when absent. */
  readonly maxStreams?: number;
}

export type ChatHandler = (c: Context, caller: Caller, stillAllowed?: () => Promise<boolean>) => Promise<Response>;

export interface ChatHandlers {
  /** `POST /api/v1/chat`: posts the user's message and streams the answer. Going away does not cancel it. */
  readonly post: ChatHandler;
  /** `GET /api/v1/chat/{chatId}/stream`: the answer that is being written, from its start; 204 when there is none. */
  readonly resume: ChatHandler;
}

interface Answer {
  readonly turn: Turn;
  readonly afterSeq: number;
  readonly canReset: boolean;
  /** Calls that the client has just decided about. */
  readonly decided?: readonly string[];
}

const defaultMaxStreams = 200;

/** The AI SDK's UI message stream, for a chat client that knows nothing of us. */
export function createChatHandlers({ feed, runtime, maxStreams }: ChatContext): ChatHandlers {
  const { operations } = runtime;
  const limit = new EventStreamLimit(maxStreams ?? defaultMaxStreams);

  /** Follows the thread first, then finds the turn: nothing of it can pass unseen. */
  const stream = async (
    c: Context,
    caller: Caller,
    of: { readonly threadId: string; readonly stillAllowed: (() => Promise<boolean>) | undefined },
    find: () => Promise<Answer | null>,
  ): Promise<Response> => {
    const release = limit.open();
    if (release === null) return noRoomResponse({ path: c.req.path, traceId: traceIdOf(c) });
    const stop = new AbortController();
    const drop = new AbortController();
    const onEnd = (): void => {
      stop.abort();
      release();
    };
    try {
      const events: EventSubscription = await feed.subscribe({
        envId: caller.scope.envId,
        topics: [`thread:${of.threadId}`],
        after: null,
        signal: stop.signal,
        onBehind: () => drop.abort(),
      });
      const answer = await find();
      if (answer === null) {
        onEnd();
        return new Response(null, { status: 204 });
      }
      const { store } = operations;
      const chunks = chatBlocks({ store, scope: caller.scope, events, ...answer });
      const stillAllowed = of.stillAllowed ?? (() => Promise.resolve(true));
      const ends = { stillAllowed, dropped: drop.signal, onEnd };
      return eventStreamResponse(c, { chunks, ...ends, headers: uiMessageStreamHeaders, log: runtime.log });
    } catch (error) {
      onEnd();
      throw error;
    }
  };

  return {
    async post(c, caller, stillAllowed) {
      const request = await readChatRequest(c, operations.identity.sha256);
      if (request.decisions.length > 0) {
        const asked = await findChatThread(operations, caller, request.chatId);
        if (asked === null) throw threadNotFound(request.chatId);
        return stream(c, caller, { threadId: asked.id, stillAllowed }, () =>
          answerDecided(operations, caller, { request, threadId: asked.id }),
        );
      }
      const thread = await openChatThread(operations, caller, request);
      return stream(c, caller, { threadId: thread.id, stillAllowed }, async () => {
        const posted = await postMessage(operations, caller, newMessage(thread.id, request));
        return answerTo(operations, caller, { posted, threadId: thread.id, canReset: request.canReset });
      });
    },
    async resume(c, caller, stillAllowed) {
      const thread = await findChatThread(operations, caller, c.req.param("chatId") ?? "");
      if (thread === null) return new Response(null, { status: 204 });
      const canReset = c.req.query("resetStep") !== "false";
      return stream(c, caller, { threadId: thread.id, stillAllowed }, () =>
        answerBeingWritten(operations, caller, { threadId: thread.id, canReset }),
      );
    },
  };
}

function newMessage(threadId: string, { text, inReplyTo, messageKey, isRegenerated }: ChatRequest) {
  return {
    threadId,
    text,
    isRegenerated,
    ...(inReplyTo === null ? {} : { inReplyTo }),
    ...(messageKey === null ? {} : { idempotencyKey: messageKey }),
  };
}

async function answerTo(
  ctx: OperationContext,
  caller: Caller,
  of: { readonly posted: PostedMessage; readonly threadId: string; readonly canReset: boolean },
): Promise<Answer> {
  const turn = await ctx.store.autocommit.turns.find(caller.scope, of.posted.turnId);
  if (turn === null) throw threadNotFound(of.threadId);
  return { turn, afterSeq: of.posted.seq, canReset: of.canReset };
}

async function answerBeingWritten(
  ctx: OperationContext,
  caller: Caller,
  of: { readonly threadId: string; readonly canReset: boolean },
): Promise<Answer | null> {
  const { threads, turns } = ctx.store.autocommit;
  const [thread, turn] = await Promise.all([
    threads.find(caller.scope, of.threadId),
    turns.findCurrent(caller.scope, of.threadId),
  ]);
  if (thread === null || turn === null) return null;
  return { turn, afterSeq: placeBefore(thread), canReset: of.canReset };
}

/** Decides what the client was asked, and goes on with the answer that asked for it. */
async function answerDecided(
  ctx: OperationContext,
  caller: Caller,
  of: { readonly request: ChatRequest; readonly threadId: string },
): Promise<Answer> {
  const { decisions, canReset } = of.request;
  const turn = await decideApprovals(ctx, caller, { decisions, threadId: of.threadId });
  const thread = await ctx.store.autocommit.threads.find(caller.scope, of.threadId);
  if (thread === null) throw threadNotFound(of.threadId);
  return { turn, afterSeq: placeBefore(thread), canReset, decided: decisions.map(({ callId }) => callId) };
}

/** An answer that is being written is among the newest messages of its thread. */
function placeBefore({ lastSeq }: Thread): number {
  return Math.max(0, lastSeq - 1000);
}
