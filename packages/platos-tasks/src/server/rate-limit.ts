interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/**
 * One token bucket per key, in this process: a burst of `perMinute`, then so many a minute. Of more than `maxKeys` the
 * least recently used are forgotten.
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #maxKeys: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ perMinute, maxKeys }: { readonly perMinute: number; readonly maxKeys: number }) {
    this.#perMinute = perMinute;
    this.#maxKeys = maxKeys;
  }

  /** Takes one. Gives the milliseconds until there is one again; 0 when it was taken. */
  take(key: string, nowMs: number): number {
    const tokens = this.#tokens(key, nowMs);
    const waitMs = tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 60_000) / this.#perMinute);
    this.#put(key, { tokens: waitMs === 0 ? tokens - 1 : tokens, atMs: nowMs });
    return waitMs;
  }

  /** For one that was taken and need not count. */
  giveBack(key: string, nowMs: number): void {
    this.#put(key, { tokens: Math.min(this.#perMinute, this.#tokens(key, nowMs) + 1), atMs: nowMs });
  }

  #tokens(key: string, nowMs: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#perMinute;
    const refilled = (Math.max(0, nowMs - bucket.atMs) * this.#perMinute) / 60_000;
    return Math.min(this.#perMinute, bucket.tokens + refilled);
  }

  #put(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= this.#maxKeys) return;
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      break;
    }
  }
}
