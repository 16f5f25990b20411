import { useSyncExternalStore } from "react";

/** One timer per interval for the whole page, however many clocks it shows; none while it shows no clock. */
class Ticker {
  #nowMs = Date.now();
  #timer: ReturnType<typeof setInterval> | null = null;
  readonly #intervalMs: number;
  readonly #listeners = new Set<() => void>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#tick(), this.#intervalMs);
    this.#nowMs = Date.now();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  };

  readonly nowMs = (): number => this.#nowMs;

  #tick(): void {
    this.#nowMs = Date.now();
    for (const listener of this.#listeners) listener();
  }
}

const seconds = new Ticker(1_000);
const halfMinutes = new Ticker(30_000);

/** The time, renewed every second: for clocks that run. */
export function useNowMs(): number {
  return useSyncExternalStore(seconds.subscribe, seconds.nowMs);
}

/** The time, renewed every 30 s: for "5m ago". */
export function useCoarseNowMs(): number {
  return useSyncExternalStore(halfMinutes.subscribe, halfMinutes.nowMs);
}
