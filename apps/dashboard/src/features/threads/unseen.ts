import type { Message } from "@platos-tasks/client";

/** What came in below a reader who had scrolled up: `1 new result`, `3 new messages`; null when nothing did. */
export function unseenWords(messages: readonly Message[], seenSeq: number): string | null {
  const unseen = messages.filter((message) => message.seq > seenSeq && message.role !== "user");
  if (unseen.length === 0) return null;
  const noun = unseen.every((message) => message.terminal) ? "result" : "message";
  return `${unseen.length} new ${noun}${unseen.length === 1 ? "" : "s"}`;
}
