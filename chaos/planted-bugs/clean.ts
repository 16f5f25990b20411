import type { Exercise } from "../exercise.ts";
import { opened, sideBySide } from "../harness/closing.ts";
import { detectorNames, look } from "./detector.ts";
import { TreeCopy } from "./tree-copy.ts";

const defaultSeeds = 20;
const withinMs = 10 * 60_000;
/** Two cores are kept busy by three exercises that mostly wait, for leases and for disks. */
const lanes = 3;

interface Turn {
  readonly name: string;
  readonly seed: number;
}

/** The same exercises on a copy without any bug: an alarm there would be one about nothing. */
export const clean: Exercise = {
  summary: `what notices planted bugs, on a tree without any: no alarm in ${defaultSeeds} seeds (trials: how many seeds)`,
  async run({ seed, trials = defaultSeeds, closing, progress }) {
    const copy = await opened(closing, () => TreeCopy.make());
    const alarms: string[] = [];
    let looks = 0;
    const turns = turnsOf(seed, trials);
    const takeTurns = async (lane: AsyncDisposableStack): Promise<void> => {
      // Each lane takes the next one that nobody has begun.
      for (const turn of turns) {
        const finding = await look(turn.name, { folder: copy.folder, seed: turn.seed, withinMs, closing: lane });
        looks += 1;
        const told = finding.kind === "alarm" ? `alarm: ${finding.alarm}` : finding.kind;
        progress(`seed ${turn.seed}: ${turn.name} ${told}`);
        // One that did not end has shown nothing.
        if (finding.kind !== "quiet") alarms.push(`${turn.name} with seed ${turn.seed}: ${told}`);
      }
    };
    await Promise.all(sideBySide(closing, lanes).map(takeTurns));
    return { alarms, figures: { seeds: trials, looks } };
  },
};

function* turnsOf(firstSeed: number, seeds: number): Generator<Turn> {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    for (const name of detectorNames) yield { name, seed };
  }
}
