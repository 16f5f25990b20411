import { percentile } from "../../benchmarks/harness/statistics.ts";

/** What one part of an exercise has seen: counts and durations that become figures, and alarms. */
export class Tally {
  readonly alarms: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #durations = new Map<string, number[]>();

  count(figure: string, times = 1): void {
    this.#counts.set(figure, (this.#counts.get(figure) ?? 0) + times);
  }

  /** Becomes `<name>P50Ms` and `<name>MaxMs`. */
  took(name: string, ms: number): void {
    this.#durations.set(name, [...(this.#durations.get(name) ?? []), ms]);
  }

  alarm(sentence: string): void {
    this.alarms.push(sentence);
  }

  get figures(): Record<string, number> {
    const durations = [...this.#durations].flatMap(([name, values]): [string, number][] => [
      [`${name}P50Ms`, Math.round(percentile(values, 0.5))],
      [`${name}MaxMs`, Math.round(Math.max(...values))],
    ]);
    return Object.fromEntries([...this.#counts, ...durations].toSorted(([left], [right]) => (left < right ? -1 : 1)));
  }
}

/** An error that no trial foresees, with where it comes from. */
export function unexpected(error: unknown): string {
  return `an unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
