/** Time as the process tells it: for showing, measuring and waiting, never for deciding a lease. Tests own it. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or rejects with the signal's reason when it aborts first. Never longer than a minute. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
