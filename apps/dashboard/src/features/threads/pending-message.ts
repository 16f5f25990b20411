import type { Message } from "@platos-tasks/client";
import { textOfMessage } from "@platos-tasks/client";

/** A message on its way to the server. */
export interface PendingMessage {
  readonly key: string;
  readonly text: string;
  /** The wait of the question it answers; null when none was open. */
  readonly inReplyTo: string | null;
  /** The thread's newest `seq` when it was sent. */
  readonly sentAfterSeq: number;
  /** Known once the server has taken it. */
  readonly messageId: string | null;
  /** Why it was not taken. */
  readonly error: string | null;
  /** The server has said that it did not take it. False when no answer came: then it may have. */
  readonly isRefused: boolean;
}

/** What the next message answers, and a key for it. */
export interface NextMessage {
  readonly inReplyTo: string | null;
  readonly key: string;
}

/**
 * A message as it is sent again. One that was refused is a new one, to whom the next message goes now; one that nobody
 * answered for may stand in the thread already, so it stays what it was to the letter.
 */
export function sentAgain(message: PendingMessage, next: NextMessage): PendingMessage {
  return { ...message, error: null, isRefused: false, ...(message.isRefused ? next : {}) };
}

/**
 * Those that the transcript does not show yet. The message itself may arrive before the answer to sending it: until
 * the answer names it, it is known by its text.
 */
export function stillPending(
  pending: readonly PendingMessage[],
  messages: readonly Message[],
): readonly PendingMessage[] {
  return pending.filter((sent) => !messages.some((message) => isSame(sent, message)));
}

function isSame(sent: PendingMessage, message: Message): boolean {
  if (sent.messageId !== null) return sent.messageId === message.id;
  const isNew = message.role === "user" && message.seq > sent.sentAfterSeq;
  return isNew && sent.error === null && textOfMessage(message) === sent.text;
}
