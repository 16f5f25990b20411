import { percentile } from "../../benchmarks/harness/statistics.ts";

/** Of durations in milliseconds: `<name>P50Ms`, `<name>P95Ms` and `<name>MaxMs`; 0 for none. */
export function durations(name: string, ms: readonly number[]): Readonly<Record<string, number>> {
  const rounded = (share: number): number => (ms.length === 0 ? 0 : Math.round(percentile(ms, share)));
  return { [`${name}P50Ms`]: rounded(0.5), [`${name}P95Ms`]: rounded(0.95), [`${name}MaxMs`]: rounded(1) };
}

/** The rule of three: with no failure in n trials, the rate is below 3/n with 95 % confidence. Nothing with failures. */
export function failureBound(alarms: readonly string[], trials: number): Readonly<Record<string, number>> {
  return alarms.length === 0 && trials > 0 ? { failureRateBelow95Percent: 3 / trials } : {};
}

/** Counts by name, in the order of names. */
export function sortedFigures(figures: Iterable<readonly [string, number]>): Record<string, number> {
  return Object.fromEntries([...figures].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** An error that no trial foresees, with where it comes from. */
export function unexpected(error: unknown): string {
  return `an unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
