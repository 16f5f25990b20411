import type { Topic } from "@platos-tasks/client";
import { parseEventCursor } from "../core/event.ts";
import type { EventLog } from "../core/ports/event-log.ts";
import type { Log } from "../core/ports/log.ts";
import type { Notifications } from "../core/ports/notifications.ts";
import { EventQueue } from "./event-queue.ts";
import { EventReader } from "./event-reader.ts";
import { type EventSubscription, followAfter, followFromHead } from "./event-subscription.ts";
import type { WaitLinks } from "./wait-links.ts";

export interface EventFeedOptions {
  readonly eventLog: EventLog;
  readonly notifications: Notifications;
  readonly log: Log;
  readonly links: WaitLinks;
  readonly pollMs?: number;
  /** Events that may wait for one slow reader before it is dropped. */
  readonly queueLimit?: number;
}

export interface FeedRequest {
  readonly envId: string;
  readonly topics: readonly Topic[];
  /** The cursor to go on after; null begins at the end of the log. */
  readonly after: string | null;
  /** Ends the subscription. */
  readonly signal: AbortSignal;
  /** Called when the reader is ended because it is too slow: it may never ask for what comes next, and so never learn. */
  readonly onBehind?: () => void;
}

const defaultPollMs = 1500;
const defaultQueueLimit = 1000;

/** The live view of the event log for every client of this process. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #reader: EventReader;
  readonly #queues = new Set<EventQueue>();
  #closed = false;

  constructor(options: EventFeedOptions) {
    const { eventLog, notifications, log, links } = options;
    this.#options = options;
    this.#reader = new EventReader({ eventLog, notifications, log, links, pollMs: options.pollMs ?? defaultPollMs });
  }

  /**
   * Without a cursor nothing that is committed after this call is left out; what was committed a moment before may
   * come as well. A cursor of another history, or one too old, brings a `resync` event first. A reader that is too
   * slow is ended and comes back with its cursor.
   */
  async subscribe({ envId, topics, after, signal, onBehind }: FeedRequest): Promise<EventSubscription> {
    const leave = (): void => {
      this.#queues.delete(queue);
      this.#reader.leave(queue);
      signal.removeEventListener("abort", end);
    };
    const limit = this.#options.queueLimit ?? defaultQueueLimit;
    const queue = new EventQueue({ envId, topics, limit, onEnd: leave, onBehind: () => onBehind?.() });
    const end = (): void => queue.end();
    signal.addEventListener("abort", end, { once: true });
    this.#queues.add(queue);
    const { eventLog, links } = this.#options;
    const following = { eventLog, links, reader: this.#reader, queue };
    try {
      const subscription =
        after === null ? await followFromHead(following) : followAfter(following, parseEventCursor(after));
      if (signal.aborted || this.#closed) end();
      // It may have ended before it had joined.
      if (queue.isEnded) leave();
      return subscription;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Ends every subscription and reads no more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const queue of this.#queues) queue.end();
    await this.#reader.stopped();
  }
}
