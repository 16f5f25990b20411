import { durations, sortedFigures } from "../harness/figures.ts";

/** What one part of an exercise has seen: counts and durations that become figures, and alarms. */
export class Tally {
  readonly alarms: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #durations = new Map<string, number[]>();

  count(figure: string, times = 1): void {
    this.#counts.set(figure, (this.#counts.get(figure) ?? 0) + times);
  }

  /** Becomes the figures of {@link durations}. */
  took(name: string, ms: number): void {
    this.#durations.set(name, [...(this.#durations.get(name) ?? []), ms]);
  }

  alarm(sentence: string): void {
    this.alarms.push(sentence);
  }

  get figures(): Record<string, number> {
    const took = [...this.#durations].flatMap(([name, values]) => Object.entries(durations(name, values)));
    return sortedFigures([...this.#counts, ...took]);
  }
}
