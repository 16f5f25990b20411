import type { Topic } from "@platos-tasks/client";
import type { FeedEvent, AddressedEvent } from "./event-view.ts";
import { isOfTopics } from "./event-topics.ts";

export interface EventQueueOptions {
  readonly envId: string;
  readonly topics: readonly Topic[];
  /** Events that may wait for a slow reader before the queue gives up. */
  readonly limit: number;
  /** Called once, when it ends for whatever reason. */
  readonly onEnd: () => void;
  /** Called when it ends because its reader has fallen too far behind. */
  readonly onBehind: () => void;
}

/** What waits for one reader of the feed. A reader that falls too far behind is ended; its cursor brings it back. */
export class EventQueue {
  readonly envId: string;
  readonly #topics: ReadonlySet<Topic>;
  readonly #limit: number;
  readonly #onEnd: () => void;
  readonly #onBehind: () => void;
  readonly #events: FeedEvent[] = [];
  #wake: (() => void) | null = null;
  #ended = false;

  constructor(options: EventQueueOptions) {
    this.envId = options.envId;
    this.#topics = new Set(options.topics);
    this.#limit = options.limit;
    this.#onEnd = options.onEnd;
    this.#onBehind = options.onBehind;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** Whether this reader may see it and asked for it. */
  wants({ subject }: AddressedEvent): boolean {
    return subject.envId === this.envId && isOfTopics(subject, this.#topics);
  }

  add(event: FeedEvent): void {
    if (this.#ended) return;
    if (this.#events.length >= this.#limit) {
      this.#events.length = 0;
      this.end();
      this.#onBehind();
      return;
    }
    this.#events.push(event);
    this.#wake?.();
  }

  take(): FeedEvent | undefined {
    return this.#events.shift();
  }

  /** Resolves when there is something to take, or nothing will come any more. */
  async filled(): Promise<void> {
    if (this.#ended || !this.isEmpty) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake?.();
    this.#onEnd();
  }
}
