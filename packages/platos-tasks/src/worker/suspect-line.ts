/**
 * Where BGOs stand in line that have lost several workers in a row: one of them runs at a time, so that the one which
 * kills its workers does it alone, and the others are not given up for its crashes.
 */
export class SuspectLine {
  #isTaken = false;
  #waiting: (() => void)[] = [];

  /** Resolves with what gives the place to the next one. When the signal aborts nobody waits on, and nothing is held. */
  enter(signal: AbortSignal): Promise<() => void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve(this.#leaving());
    }
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
