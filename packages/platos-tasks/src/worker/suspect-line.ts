/**
 * Where BGOs stand in line that have lost several workers in a row: one of them runs at a time, so that the one which
 * kills its workers does it alone, and the others are not given up for its crashes. Who waits holds a slot of the worker,
 * so only a few may.
 */
export class SuspectLine {
  readonly #places: number;
  #isTaken = false;
  #waiting: (() => void)[] = [];

  /** `places`: for those that wait. */
  constructor(places: number) {
    this.#places = places;
  }

  /**
   * Resolves with what gives the place to the next one; with null at once when there is no place to wait. When the signal
   * aborts nobody waits on, and nothing is held.
   */
  enter(signal: AbortSignal): Promise<(() => void) | null> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve(this.#leaving());
    }
    if (this.#waiting.length >= this.#places) return Promise.resolve(null);
    return new Promise((resolve) => {
      const goOn = (): void => {
        signal.removeEventListener("abort", giveUp);
        resolve(this.#leaving());
      };
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== goOn);
        resolve(() => undefined);
      };
      this.#waiting.push(goOn);
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  #leaving(): () => void {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#isTaken = false;
      else next();
    };
  }
}
