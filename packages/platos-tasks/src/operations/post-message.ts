import { PlatosError } from "../core/errors.ts";
import { firstLine } from "../core/first-line.ts";
import { canonicalJson } from "../core/json.ts";
import type { Turn } from "../core/turn.ts";
import { answerQuestion } from "./waits/answer-question.ts";
import type { Caller, OperationContext } from "./context.ts";
import { threadNotFound } from "./not-found.ts";
import { openTurn } from "./open-turn.ts";

export interface NewUserMessage {
  readonly threadId: string;
  readonly text: string;
  /** The waitpoint of the question it answers; absent: the oldest open question of the thread, if there is one. */
  readonly inReplyTo?: string;
  /** It was said before and is for the agent alone: no question is answered by it. */
  readonly isRegenerated?: boolean;
  /** The client's own id of the message, or its idempotency key: a repeat answers with the first one's ids. */
  readonly idempotencyKey?: string;
}

export interface PostedMessage {
  readonly messageId: string;
  readonly turnId: string;
  readonly seq: number;
  /** The waitpoint it answered: a BGO goes on with it. Null: it is for the agent alone. */
  readonly answeredWaitpointId: string | null;
  readonly deduplicated: boolean;
}

/**
 * Commits a user's message together with the turn that will answer it on a worker, and with the answer to a BGO that
 * asked for it. Errors: `thread.not_found`, `idempotency.conflict`, `waitpoint.not_found` (`inReplyTo`).
 */
export async function postMessage(
  ctx: OperationContext,
  caller: Caller,
  request: NewUserMessage,
): Promise<PostedMessage> {
  const { scope } = caller;
  const { inReplyTo } = request;
  const bodyHash = ctx.identity.sha256(
    inReplyTo === undefined ? request.text : canonicalJson([request.text, inReplyTo]),
  );
  const messageId = ctx.identity.newId("message");
  const posted = await ctx.store.transaction("post message", async (tx): Promise<PostedMessage> => {
    const thread = await tx.threads.lock(scope, request.threadId);
    if (thread === null) throw threadNotFound(request.threadId);
    const key = request.idempotencyKey;
    const earlier = key === undefined ? null : await tx.messages.findByKey(scope, thread.id, key);
    if (earlier !== null) {
      if (earlier.bodyHash !== bodyHash) throw conflict();
      const { message } = earlier;
      return {
        messageId: message.id,
        turnId: message.turnId ?? "",
        seq: message.seq,
        answeredWaitpointId: message.waitpointId,
        deduplicated: true,
      };
    }
    // Until somebody names it, a thread is called by how it began.
    if (thread.title === null && thread.lastSeq === 0)
      await tx.threads.rename(scope, thread.id, firstLine(request.text));
    const { text } = request;
    const isForAgent = request.isRegenerated === true;
    const reply = { messageId, text, isForAgent, ...(inReplyTo === undefined || isForAgent ? {} : { inReplyTo }) };
    const answered = await answerQuestion(ctx, tx, { caller, threadId: thread.id, reply });
    const position = thread.lastSeq + 1;
    const turn: Turn = await openTurn(ctx, tx, {
      scope,
      thread,
      cause: "message",
      userMessageId: messageId,
      position,
      depth: 0,
    });
    const message = await tx.messages.append(scope, {
      id: messageId,
      threadId: thread.id,
      role: "user",
      kind: "chat",
      authorAgentId: null,
      bgoId: null,
      turnId: turn.id,
      terminal: false,
      parts: [{ type: "text", text: request.text }],
      bodyHash,
      ...(answered === null ? {} : { waitpointId: answered.id }),
      ...(key === undefined ? {} : { idempotencyKey: key }),
    });
    return {
      messageId: message.id,
      turnId: turn.id,
      seq: message.seq,
      answeredWaitpointId: message.waitpointId,
      deduplicated: false,
    };
  });
  if (!posted.deduplicated) ctx.engine.wake("turn");
  if (!posted.deduplicated && posted.answeredWaitpointId !== null) ctx.engine.wake("bgo");
  return posted;
}

function conflict(): PlatosError {
  return new PlatosError(
    "idempotency.conflict",
    "This idempotency key was used in this thread for another message. Send the same text, or use a new key.",
    { issues: [{ path: "idempotencyKey", message: "used with another text" }] },
  );
}
