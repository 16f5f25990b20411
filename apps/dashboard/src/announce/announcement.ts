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
  /** Of those that wait, what is said even when the others are only counted. */
  #asking: string[] = [];
  #pausing = false;

  constructor(options: AnnouncementQueueOptions) {
    this.#options = options;
  }

  /** `isAsking`: somebody waits for the reader, so that it must not be lost among other news. */
  add(words: string, isAsking = false): void {
    if (!this.#waiting.includes(words)) this.#waiting.push(words);
    if (isAsking && !this.#asking.includes(words)) this.#asking.push(words);
    if (!this.#pausing) this.#sayNext();
  }

  #sayNext(): void {
    const words = this.#waiting;
    const asking = this.#asking;
    this.#waiting = [];
    this.#asking = [];
    this.#pausing = words.length > 0;
    if (!this.#pausing) return;
    this.#options.say(words.length > 3 ? counted(words, asking) : words.join(" "));
    this.#options.setTimer(() => this.#sayNext(), this.#options.pauseMs);
  }
}

function counted(words: readonly string[], asking: readonly string[]): string {
  const latest = words.at(-1) ?? "";
  const told = asking.includes(latest) ? asking : [...asking, `Latest: ${latest}`];
  return [`${words.length} updates.`, ...told].join(" ");
}

const listeners = new Set<(words: string) => void>();

const queue = new AnnouncementQueue({
  say: (words) => {
    for (const listener of listeners) listener(words);
  },
  pauseMs: 3_000,
  setTimer: (run, delayMs) => void setTimeout(run, delayMs),
});

/** Says something to readers who do not see the screen. `isAsking`: they are waited for. */
export function announce(words: string, isAsking = false): void {
  queue.add(words, isAsking);
}

export function onAnnouncement(listener: (words: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
