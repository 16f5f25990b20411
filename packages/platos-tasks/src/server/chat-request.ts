import type { Context } from "hono";
import { z } from "zod";
import { limits } from "../core/caps.ts";
import { type FieldIssue, PlatosError } from "../core/errors.ts";

/** What a stock chat client posts, and what we take from it: the server has the history itself. */
const bodySchema = z.object({
  id: z.string().min(1).max(256),
  messages: z
    .array(
      z.object({
        id: z.string().min(1).max(limits.idempotencyKeyChars),
        role: z.string(),
        parts: z.array(
          z.object({
            type: z.string(),
            text: z.string().optional(),
            toolCallId: z.string().optional(),
            state: z.string().optional(),
            approval: z
              .object({ id: z.string(), approved: z.boolean().optional(), reason: z.string().max(2000).optional() })
              .optional(),
          }),
        ),
      }),
    )
    .min(1),
  trigger: z.enum(["submit-message", "regenerate-message"]).default("submit-message"),
  messageId: z.string().optional(),
  agent: z.string().min(1).max(64).optional(),
  inReplyTo: z.string().max(64).optional(),
  resetStep: z.boolean().default(true),
});

type ChatBody = z.infer<typeof bodySchema>;

export interface ChatDecision {
  readonly waitpointId: string;
  readonly callId: string;
  readonly isApproved: boolean;
  readonly reason: string | null;
}

export interface ChatRequest {
  /** The id of the conversation: the client's own, or one of our threads. */
  readonly chatId: string;
  /** Id or slug of the agent of a conversation that is begun with this request. */
  readonly agent: string | null;
  /** What the user decided about calls that need an approval. Then nothing is said. */
  readonly decisions: readonly ChatDecision[];
  /** The waitpoint of the question it answers. */
  readonly inReplyTo: string | null;
  /** What was said before is to be answered again by the agent; it is nobody's reply. */
  readonly isRegenerated: boolean;
  /** What the user says. */
  readonly text: string;
  /** Tells a repeated request from a new message. Null: always a new one. */
  readonly messageKey: string | null;
  readonly canReset: boolean;
}

/** Throws `request.malformed` or `input.invalid`. */
export async function readChatRequest(c: Context, sha256: (text: string) => string): Promise<ChatRequest> {
  const json: unknown = await c.req.json().catch(() => {
    throw new PlatosError("request.malformed", "The body is not well-formed JSON. Check it and send it again.");
  });
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
    throw refused(`This is not what a chat client sends: ${issues.map(describe).join("; ")}.`, issues);
  }
  const body = parsed.data;
  const decisions = decisionsOfLast(body);
  const text = decisions.length > 0 ? "" : textOfLast(body);
  return {
    chatId: body.id,
    agent: body.agent ?? null,
    decisions,
    inReplyTo: body.inReplyTo ?? null,
    isRegenerated: body.trigger === "regenerate-message",
    text,
    messageKey: keyOf(body, text, sha256),
    canReset: body.resetStep,
  };
}

/** A client that was asked for approvals sends the answer back with them. */
function decisionsOfLast({ messages }: ChatBody): ChatDecision[] {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return [];
  return last.parts.flatMap(({ state, toolCallId, approval }) => {
    if (state !== "approval-responded" || approval?.approved === undefined || toolCallId === undefined) return [];
    const { id, approved, reason } = approval;
    return [{ waitpointId: id, callId: toolCallId, isApproved: approved, reason: reason ?? null }];
  });
}

function textOfLast({ messages }: ChatBody): string {
  const last = messages.at(-1);
  const path = `messages.${messages.length - 1}`;
  if (last?.role !== "user") {
    throw refused("The last message must be the user's: tools run here, so there is nothing else to send back.", [
      { path: `${path}.role`, message: "must be user" },
    ]);
  }
  if (last.parts.some((part) => part.type === "file")) {
    throw refused("Files in chat messages are not supported. Send text.", [
      { path: `${path}.parts`, message: "has a file" },
    ]);
  }
  const text = last.parts.flatMap((part) => (part.type === "text" ? [part.text ?? ""] : [])).join("\n");
  if (text.trim() === "" || text.length > limits.messageChars) {
    throw refused(`A message has 1 to ${limits.messageChars} characters of text.`, [
      { path: `${path}.parts`, message: text.trim() === "" ? "no text" : "too long" },
    ]);
  }
  return text;
}

/**
 * A message is known by the client's id of it. One that is edited keeps its id, so that its text tells the versions
 * apart; one that is to be answered again is asked again.
 */
function keyOf(
  { messages, trigger, messageId }: ChatBody,
  text: string,
  sha256: (text: string) => string,
): string | null {
  if (trigger === "regenerate-message") return null;
  const id = messages.at(-1)?.id ?? null;
  return messageId !== undefined && messageId === id ? sha256(`${id}\n${text}`) : id;
}

function describe({ path, message }: FieldIssue): string {
  return path === "" ? message : `${path}: ${message}`;
}

function refused(message: string, issues: readonly FieldIssue[]): PlatosError {
  return new PlatosError("input.invalid", message, { issues });
}
