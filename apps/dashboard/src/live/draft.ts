import type { Message, MessageDeltaEvent } from "@platos-tasks/client";

/** What a model call has written so far and nobody has stored yet. Its id is that of the message it belongs to. */
export interface Draft {
  readonly id: string;
  readonly threadId: string;
  readonly turnId: string;
  readonly modelCall: number;
  /** Where `text` begins in the call's text: above 0 for a viewer who came in the middle. */
  readonly start: number;
  readonly text: string;
}

/** Adds a piece. A later call replaces an earlier one; a piece that starts over or overlaps cuts what it replaces. */
export function appendDelta(draft: Draft | undefined, delta: MessageDeltaEvent): Draft {
  const { messageId: id, threadId, turnId, modelCall, offset, text } = delta;
  const fresh: Draft = { id, threadId, turnId, modelCall, start: offset, text };
  if (draft === undefined || modelCall > draft.modelCall) return fresh;
  if (modelCall < draft.modelCall) return draft;
  const end = draft.start + draft.text.length;
  if (offset < draft.start || offset > end) return fresh;
  return { ...draft, text: draft.text.slice(0, offset - draft.start) + text };
}

/** True when the stored message holds what the draft's model call wrote. */
export function isStored(message: Pick<Message, "parts">, modelCall: number): boolean {
  const calls = message.parts.filter((part) => part.type === "step-start").length;
  // A message without step marks says nothing about calls: then any text in it is the whole.
  return calls === 0 ? message.parts.length > 0 : calls > modelCall;
}
