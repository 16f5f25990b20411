/** Lets a limited number through at a time; the others wait their turn, first come, first served. */
export class Turnstile {
  readonly #slots: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(slots: number) {
    this.#slots = slots;
  }

  async pass<Result>(run: () => Promise<Result>): Promise<Result> {
    if (this.#inside >= this.#slots) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inside += 1;
    try {
      return await run();
    } finally {
      // Whoever waits takes over this place; only without anyone it becomes free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
