/** A signal often comes twice, from the terminal's process group and from npm: within this time it is the same one. */
const repeatWithinMs = 1000;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Requests to stop, by signal or from within. Signals are taken from the start, so that one that comes while things
 * are being started is not lost.
 */
export class StopRequests {
  /** Settles at the first request, with the signal's name or the error that asked for it. */
  readonly first: Promise<StopRequest>;
  /** Settles when somebody asks again. */
  readonly second: Promise<void>;
  readonly #first = Promise.withResolvers<StopRequest>();
  readonly #second = Promise.withResolvers<void>();
  #firstAtMs: number | null = null;

  constructor() {
    this.first = this.#first.promise;
    this.second = this.#second.promise;
    for (const signal of signals) process.on(signal, this.#onSignal);
    process.on("uncaughtException", this.#onError);
  }

  get isStopping(): boolean {
    return this.#firstAtMs !== null;
  }

  /** Signals mean again what they mean without us. */
  close(): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
    process.off("uncaughtException", this.#onError);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => this.#request({ signal });

  readonly #onError = (error: unknown): void => this.#request({ error });

  #request(request: StopRequest): void {
    if (this.#firstAtMs === null) {
      this.#firstAtMs = performance.now();
      this.#first.resolve(request);
    } else if (performance.now() - this.#firstAtMs > repeatWithinMs) {
      this.#second.resolve();
    }
  }
}

export type StopRequest = { readonly signal: NodeJS.Signals } | { readonly error: unknown };
