import type { PlatosEvent } from "@platos-tasks/client";
import { type EventCursor, formatEventCursor } from "../core/event.ts";
import type { LoggedEvent } from "../core/ports/event-log.ts";
import type { MessageDelta } from "../core/ports/live.ts";
import type { Turn } from "../core/turn.ts";
import type { EventSubject } from "./event-topics.ts";
import { bgoView, messageView, turnView, waitpointView } from "./views.ts";
import type { WaitLinks } from "./wait-links.ts";

/** One event as clients get it, with its place in the log; pieces of text have no place. */
export interface FeedEvent {
  readonly cursor: EventCursor | null;
  readonly id: string | null;
  readonly data: PlatosEvent;
  /** `data` as JSON; made once, however many follow it. */
  json(): string;
}

/** An event with what decides who gets it. */
export interface AddressedEvent extends FeedEvent {
  readonly subject: EventSubject;
}

/**
 * A batch of the log as clients get it. Rows are shown as they stand now, so of several updates of one row only the
 * last is kept; an event whose row is gone shows nothing.
 */
export function eventViews(batch: readonly LoggedEvent[], links: WaitLinks): AddressedEvent[] {
  const seen = new Set<string>();
  const views: AddressedEvent[] = [];
  for (const event of batch.toReversed()) {
    const row = rowIdOf(event);
    if (row !== null && event.type.endsWith(".updated")) {
      if (seen.has(row)) continue;
      seen.add(row);
    }
    const data = dataOf(event, links);
    if (data !== null) views.push({ ...feedEvent(event.cursor, data), subject: event });
  }
  return views.toReversed();
}

/** A piece of an answer as clients get it. */
export function deltaView(delta: MessageDelta): AddressedEvent {
  const { envId, type, threadId, turnId, messageId, modelCall, offset, text } = delta;
  const at = new Date().toISOString();
  const data: PlatosEvent = { type, at, threadId, turnId, messageId, modelCall, offset, text };
  return { ...feedEvent(null, data), subject: { type, envId, threadId, bgoId: null } };
}

/** Tells a client to read its snapshots again and to go on from here. */
export function resyncView(from: EventCursor): FeedEvent {
  return feedEvent(from, { type: "resync", id: formatEventCursor(from), at: new Date().toISOString() });
}

function feedEvent(cursor: EventCursor | null, data: PlatosEvent): FeedEvent {
  let json: string | null = null;
  return {
    cursor,
    id: cursor === null ? null : formatEventCursor(cursor),
    data,
    json() {
      json ??= JSON.stringify(data);
      return json;
    },
  };
}

function rowIdOf({ bgo, message }: LoggedEvent): string | null {
  return bgo?.id ?? message?.id ?? null;
}

function dataOf(event: LoggedEvent, links: WaitLinks): PlatosEvent | null {
  const { type, threadId, bgoId, bgo, message, turn, waitpoint } = event;
  const head = { id: formatEventCursor(event.cursor), at: event.at.toISOString(), threadId };
  switch (type) {
    case "message.created":
    case "message.updated":
      return message === null ? null : { ...head, type, bgoId, message: messageView(message) };
    case "turn.started":
      return turn === null ? null : { ...head, type, turn: turnView(asStarted(turn)) };
    case "turn.finished":
      return turn === null ? null : { ...head, type, turn: turnView(turn) };
    case "bgo.created":
    case "bgo.updated":
      return bgo === null ? null : { ...head, type, bgoId: bgo.id, bgo: bgoView(bgo) };
    case "waitpoint.created":
    case "waitpoint.resolved":
      return waitpoint === null ? null : { ...head, type, bgoId, waitpoint: waitpointView(waitpoint, links) };
  }
}

/** The row is read after the event and may have ended since: that is told behind what the turn has said, and not before. */
function asStarted(turn: Turn): Turn {
  return { ...turn, status: "running", error: null, finishedAt: null };
}
