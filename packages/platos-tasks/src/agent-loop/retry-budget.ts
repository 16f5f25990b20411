/**
 * Keeps retries a fraction of the calls of one provider, so that an outage is not made worse by everybody trying
 * again: each call earns a fifth of a retry, and at most `burst` are saved up.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #burst: number;
  #saved: number;

  constructor({ ratio = 0.2, burst = 20 }: { readonly ratio?: number; readonly burst?: number } = {}) {
    this.#ratio = ratio;
    this.#burst = burst;
    this.#saved = burst;
  }

  earn(): void {
    this.#saved = Math.min(this.#burst, this.#saved + this.#ratio);
  }

  /** True when a retry may be made; it is then used up. */
  spend(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
