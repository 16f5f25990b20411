export interface BackOff {
  /** The first delay. A server's `retry:` replaces it. */
  readonly baseMs: number;
  readonly maxMs: number;
}

export const defaultBackOff: BackOff = { baseMs: 1_000, maxMs: 30_000 };

/**
 * How long to wait before try `attempt` (from 1): doubling, with the upper half left to chance so that many clients of
 * a server that restarts do not return together. `random` is in [0, 1).
 */
export function backOffMs(backOff: BackOff, attempt: number, random: number): number {
  const ceiling = Math.min(backOff.maxMs, backOff.baseMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
