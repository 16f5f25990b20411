/** The value below which `share` (0 to 1) of the values lie, rounded; 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
}

export function largest(values: readonly number[]): number {
  return percentile(values, 1);
}
