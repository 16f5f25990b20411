/** How far ahead something may be scheduled, in years. */
export const maxYearsAhead = 10;

export function latestRunAt(now: Date): Date {
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + maxYearsAhead);
  return latest;
}
