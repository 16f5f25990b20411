/** Default caps on what agents may start (enforced inside the spawn transaction). */
export interface Caps {
  /** A BGO spawned from a chat or the API has depth 1. */
  readonly maxDepth: number;
  readonly maxSpawnsPerTurn: number;
  readonly maxLivePerThread: number;
  /** Schedules of one thread that are active or paused. */
  readonly maxSchedulesPerThread: number;
}

export const defaultCaps: Caps = {
  maxDepth: 3,
  maxSpawnsPerTurn: 10,
  maxLivePerThread: 100,
  maxSchedulesPerThread: 50,
};

/** Limits on what one call may carry. */
export const limits = {
  promptChars: 32_000,
  messageChars: 100_000,
  labelChars: 200,
  idempotencyKeyChars: 256,
  artifactBytes: 20_971_520,
  requestBytes: 1_048_576,
  chatRequestBytes: 16_777_216,
  toolOutputChars: 200_000,
  /** How deep arrays and objects may lie in one another: many a parser and serialiser calls itself for each level. */
  valueDepth: 100,
} as const;
