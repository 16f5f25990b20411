/** What a figure should be; null where it only explains others. */
export type Target = { readonly atMost: number } | { readonly atLeast: number } | null;

export interface Figure {
  /** `benchmark.what.of-whom`, stable across versions. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: Target;
  /** Null without a target. */
  readonly met: boolean | null;
}

export function figure(name: string, value: number, unit: string, target: Target = null): Figure {
  return { name, value: roundedTo3Digits(value), unit, target, met: isMet(value, target) };
}

function isMet(value: number, target: Target): boolean | null {
  if (target === null) return null;
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

function roundedTo3Digits(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
