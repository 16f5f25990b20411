/** Words for the one polite live region of the page. */
export interface AnnouncementQueueOptions {
  /** Puts words into the region. */
  readonly say: (words: string) => void;
  /** Least time between two of them. */
  readonly pauseMs: number;
  readonly setTimer: (run: () => void, delayMs: number) => void;
}

/** At most one announcement per pause; what gathers meanwhile is said together, counted when it is much. */
export class AnnouncementQueue {
  readonly #options: AnnouncementQueueOptions;
  #waiting: string[] = [];
  #pausing = false;

  constructor(options: AnnouncementQueueOptions) {
    this.#options = options;
  }

  add(words: string): void {
    if (!this.#waiting.includes(words)) this.#waiting.push(words);
    if (!this.#pausing) this.#sayNext();
  }

  #sayNext(): void {
    const words = this.#waiting;
    this.#waiting = [];
    this.#pausing = words.length > 0;
    if (!this.#pausing) return;
    this.#options.say(words.length > 3 ? `${words.length} updates. Latest: ${words.at(-1) ?? ""}` : words.join(" "));
    this.#options.setTimer(() => this.#sayNext(), this.#options.pauseMs);
  }
}

const listeners = new Set<(words: string) => void>();

const queue = new AnnouncementQueue({
  say: (words) => {
    for (const listener of listeners) listener(words);
  },
  pauseMs: 3_000,
  setTimer: (run, delayMs) => void setTimeout(run, delayMs),
});

/** Says something to readers who do not see the screen. */
export function announce(words: string): void {
  queue.add(words);
}

export function onAnnouncement(listener: (words: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
