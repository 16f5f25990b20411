import type { LivePort, MessageDelta } from "../core/ports/live.ts";
import type { Notifications } from "../core/ports/notifications.ts";

/** A notification may carry just under 8,000 bytes; this many characters fit whatever they are, with the envelope. */
const pieceChars = 1500;

/** Sends deltas to whoever listens on the database. Long pieces go in several. */
export function notificationsLive(notifications: Notifications): LivePort {
  return {
    publishDelta(delta) {
      for (const piece of pieces(delta)) notifications.notify("deltas", JSON.stringify(piece));
    },
  };
}

function pieces(delta: MessageDelta): MessageDelta[] {
  const parts: MessageDelta[] = [];
  for (let from = 0; from < delta.text.length; from += pieceChars) {
    parts.push({ ...delta, offset: delta.offset + from, text: delta.text.slice(from, from + pieceChars) });
  }
  return parts;
}
