/** Limits of one BGO. An absent limit means the runtime's default, where there is one. */
export interface Budget {
  /** Model calls. */
  readonly maxTurns?: number;
  /** Input plus output tokens. */
  readonly maxTokens?: number;
  readonly maxCostUsd?: number;
  /** Wall time from the first start, waits included. */
  readonly maxDurationSeconds?: number;
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null when the price of some call is not known. */
  readonly costUsd: number | null;
}
