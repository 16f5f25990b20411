/** Attempts of a BGO or a turn at most; then a failure that might pass becomes final. */
export const maxAttempts = 5;

const firstDelayMs = 2000;
const longestDelayMs = 5 * 60_000;

/** How long to wait after the given attempt failed: doubled each time, and never shorter than the provider asked for. */
export function retryDelayMs(attempt: number, askedForMs: number | null): number {
  const backOffMs = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
  return Math.max(backOffMs, askedForMs ?? 0);
}
