/** Attempts of a BGO or a turn at most; then a failure that might pass becomes final. */
export const maxAttempts = 10;

const firstDelayMs = 2000;
const longestDelayMs = 5 * 60_000;

/** No provider may park work for longer than this. */
const longestAskedForMs = 60 * 60_000;

/**
 * How long to wait after the given attempt failed: doubled each time, and never shorter than the provider asked for.
 * `random`, from 0 to 1, spreads those that failed together over the following half of the wait.
 */
export function retryDelayMs(attempt: number, askedForMs: number | null, random: number): number {
  const backOffMs = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
  const waitMs = Math.max(backOffMs, Math.min(askedForMs ?? 0, longestAskedForMs));
  return Math.round(waitMs * (1 + random / 2));
}
