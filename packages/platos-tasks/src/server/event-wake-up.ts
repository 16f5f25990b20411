/** Lets one waiter sleep until it is woken or its time is over. A call that comes while nobody sleeps is kept. */
export class WakeUp {
  #called = false;
  #wake: (() => void) | null = null;

  now(): void {
    this.#called = true;
    this.#wake?.();
  }

  /** True when it was woken. */
  async within(ms: number): Promise<boolean> {
    if (!this.#called) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        timer.unref();
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    const woken = this.#called;
    this.#called = false;
    return woken;
  }
}
