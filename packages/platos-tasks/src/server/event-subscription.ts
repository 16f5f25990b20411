import { type EventCursor, formatEventCursor } from "../core/event.ts";
import type { EventLog } from "../core/ports/event-log.ts";
import type { EventQueue } from "./event-queue.ts";
import type { EventReader } from "./event-reader.ts";
import { eventViews, type FeedEvent, resyncView } from "./event-view.ts";
import type { WaitLinks } from "./wait-links.ts";

/** The events one client follows, in the log's order: each once, none left out. Ends with its signal. */
export interface EventSubscription extends AsyncIterable<FeedEvent> {
  /** Everything up to here has been handed over; also moves without an event. Null until it is known. */
  readonly cursor: string | null;
}

export interface FollowOptions {
  readonly eventLog: EventLog;
  readonly reader: EventReader;
  readonly queue: EventQueue;
  readonly links: WaitLinks;
}

const batchSize = 500;

/** Follows from the end of the log: what is committed from now on. */
export async function followFromHead(options: FollowOptions): Promise<EventSubscription> {
  const subscription = new Subscription(options, null);
  subscription.join(await options.eventLog.head());
  return subscription;
}

/** Follows from a client's cursor; null stands for one that is none of ours. */
export function followAfter(options: FollowOptions, after: EventCursor | null): EventSubscription {
  return new Subscription(options, { after });
}

class Subscription implements EventSubscription {
  readonly #options: FollowOptions;
  readonly #catchUpFrom: { readonly after: EventCursor | null } | null;
  #position: EventCursor | null = null;
  #isLive = false;
  /** While an event is in the hands of its reader: the cursor before it. It counts once the next one is asked for. */
  #before: { readonly cursor: string | null } | null = null;

  constructor(options: FollowOptions, catchUpFrom: { readonly after: EventCursor | null } | null) {
    this.#options = options;
    this.#catchUpFrom = catchUpFrom;
  }

  get cursor(): string | null {
    if (this.#before !== null) return this.#before.cursor;
    const { queue, reader } = this.#options;
    const own = this.#position;
    // The reader may be behind what this client began with, or has read by itself.
    const read = this.#isLive && queue.isEmpty ? reader.position : null;
    const place = own === null || (read !== null && isBefore(own, read)) ? read : own;
    return place === null ? null : formatEventCursor(place);
  }

  /** Goes live at a place that nothing was handed over from yet. */
  join(head: EventCursor): void {
    const joinedAt = this.#options.reader.join(this.#options.queue, head);
    this.#position = isBefore(head, joinedAt) ? joinedAt : head;
    this.#isLive = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedEvent, void, undefined> {
    let cursor = this.cursor;
    for await (const event of this.#events()) {
      this.#before = { cursor };
      try {
        yield event;
      } finally {
        this.#before = null;
      }
      cursor = this.cursor;
    }
  }

  async *#events(): AsyncGenerator<FeedEvent, void, undefined> {
    const { queue, reader } = this.#options;
    try {
      if (this.#catchUpFrom !== null) yield* this.#catchUp(this.#catchUpFrom.after);
      for (;;) {
        await queue.filled();
        const event = queue.take();
        if (event === undefined) return;
        if (this.#isDue(event)) yield event;
      }
    } finally {
      queue.end();
      reader.leave(queue);
    }
  }

  /**
   * Reads by itself until nothing is left, joins the live reader, then reads once more what lies between the two. Both
   * ways may bring the same event: the place it has in the log decides.
   */
  async *#catchUp(after: EventCursor | null): AsyncGenerator<FeedEvent, void, undefined> {
    const { eventLog, queue, reader, links } = this.#options;
    let joined = false;
    for (let place = after; !queue.isEnded;) {
      const batch = place === null ? null : await eventLog.readAfter(place, batchSize, queue.envId);
      if (place === null || batch === null) {
        this.join(await eventLog.head());
        if (this.#position !== null) yield resyncView(this.#position);
        return;
      }
      for (const event of eventViews(batch, links)) {
        this.#position = event.cursor;
        if (queue.wants(event)) yield event;
      }
      place = batch.at(-1)?.cursor ?? place;
      this.#position = place;
      if (batch.length === batchSize) continue;
      const joinedAt: EventCursor = joined ? place : reader.join(queue, place);
      joined = true;
      if (!isBefore(place, joinedAt)) break;
    }
    this.#isLive = true;
  }

  #isDue({ cursor, data }: FeedEvent): boolean {
    if (cursor === null) return true;
    const isPassed = this.#position !== null && !isBefore(this.#position, cursor);
    if (isPassed && data.type !== "resync") return false;
    this.#position = cursor;
    return true;
  }
}

/** Of two places in one history. */
function isBefore(a: EventCursor, b: EventCursor): boolean {
  return a.xid < b.xid || (a.xid === b.xid && a.id < b.id);
}
