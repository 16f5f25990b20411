import { progress } from "./progress.ts";

export interface RoundsOptions {
  readonly name: string;
  readonly atLeast: number;
  readonly atMost: number;
  /** No further round begins after this, so that a slow machine ends in time with fewer of them. */
  readonly withinMs: number;
}

/** Repeats a round in which every contender has its turn. */
export async function inRounds(options: RoundsOptions, doRound: () => Promise<void>): Promise<void> {
  const beganMs = performance.now();
  for (let round = 1; round <= options.atMost; round += 1) {
    if (round > options.atLeast && performance.now() - beganMs > options.withinMs) return;
    progress(`${options.name}: round ${round}`);
    await doRound();
  }
}
