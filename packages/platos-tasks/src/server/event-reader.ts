import { setTimeout as sleep } from "node:timers/promises";
import type { EventCursor } from "../core/event.ts";
import type { EventLog } from "../core/ports/event-log.ts";
import type { MessageDelta } from "../core/ports/live.ts";
import type { Log } from "../core/ports/log.ts";
import type { Notifications } from "../core/ports/notifications.ts";
import type { EventQueue } from "./event-queue.ts";
import { deltaView, eventViews, resyncView } from "./event-view.ts";
import { WakeUp } from "./event-wake-up.ts";
import type { WaitLinks } from "./wait-links.ts";

export interface EventReaderOptions {
  readonly eventLog: EventLog;
  readonly notifications: Notifications;
  readonly log: Log;
  readonly links: WaitLinks;
  /** How long to wait for a hint before looking unasked. */
  readonly pollMs: number;
}

const batchSize = 500;
/** Hints may come from many processes; reading more often than this shows nobody anything sooner. */
const minGapMs = 20;
/** An event may stay hidden behind an older transaction for a moment after its hint: look again soon. */
const afterHintMs = [100, 400] as const;

/** Reads the event log once for everybody who follows it live, and only while somebody does. */
export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #queues = new Set<EventQueue>();
  readonly #wakeUp = new WakeUp();
  #position: EventCursor | null = null;
  #running: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(options: EventReaderOptions) {
    this.#options = options;
  }

  /** Everything up to here has been put into the queues; null while nobody follows. */
  get position(): EventCursor | null {
    return this.#position;
  }

  /**
   * Puts every event after the answered place into the queue. Where nobody follows yet that place is `at`, otherwise
   * it may lie before or after it.
   */
  join(queue: EventQueue, at: EventCursor): EventCursor {
    this.#queues.add(queue);
    if (this.#position !== null) return this.#position;
    this.#position = at;
    this.#running = this.#run();
    return at;
  }

  leave(queue: EventQueue): void {
    this.#queues.delete(queue);
    if (this.#queues.size === 0) this.#wakeUp.now();
  }

  /** Resolves when nothing is read any more. Everybody must have left. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { notifications, pollMs } = this.#options;
    const wake = (): void => this.#wakeUp.now();
    const stops = [
      notifications.subscribe("events", wake, wake),
      notifications.subscribe("deltas", (payload) => this.#passDelta(payload)),
    ];
    let quietLooks = 0;
    while (this.#queues.size > 0) {
      if (await this.#look()) continue;
      await sleep(minGapMs, undefined, { ref: false });
      const hinted = await this.#wakeUp.within(afterHintMs[quietLooks] ?? pollMs);
      quietLooks = hinted ? 0 : quietLooks + 1;
    }
    // Nothing is awaited between here and the look at the set: whoever joins now starts a run of their own.
    this.#position = null;
    for (const stop of stops) stop();
  }

  /** Reads one batch on. True when there is more to read at once. */
  async #look(): Promise<boolean> {
    const { eventLog, log, links } = this.#options;
    const position = this.#position;
    if (position === null) return false;
    try {
      const batch = await eventLog.readAfter(position, batchSize);
      if (batch === null) {
        this.#startOver(await eventLog.head());
        return false;
      }
      for (const event of eventViews(batch, links)) {
        for (const queue of this.#queues) if (queue.wants(event)) queue.add(event);
      }
      this.#position = batch.at(-1)?.cursor ?? position;
      this.#failing = false;
      return batch.length === batchSize;
    } catch (error) {
      if (!this.#failing) log.warn("the event log cannot be read; trying on", { error: String(error) });
      this.#failing = true;
      return false;
    }
  }

  /** The database is not the one it was: whatever was shown may never have happened. */
  #startOver(head: EventCursor): void {
    this.#options.log.warn("the event log has another history than before; clients start over");
    this.#position = head;
    const event = resyncView(head);
    for (const queue of this.#queues) queue.add(event);
  }

  #passDelta(payload: string): void {
    const delta = parseDelta(payload);
    if (delta === null) return;
    const event = deltaView(delta);
    for (const queue of this.#queues) if (queue.wants(event)) queue.add(event);
  }
}

function parseDelta(payload: string): MessageDelta | null {
  try {
    const value: unknown = JSON.parse(payload);
    const isDelta = typeof value === "object" && value !== null && "type" in value && value.type === "message.delta";
    return isDelta ? (value as MessageDelta) : null;
  } catch {
    return null;
  }
}
