import type { Exercise } from "../exercise.ts";
import { opened } from "../harness/closing.ts";
import { inLanes } from "../harness/lanes.ts";
import { detectorNames, look } from "./detector.ts";
import { TreeCopy } from "./tree-copy.ts";

const defaultSeeds = 20;
const withinMs = 10 * 60_000;

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
    await inLanes(turnsOf(seed, trials), closing, async (turn, lane) => {
      const finding = await look(turn.name, { folder: copy.folder, seed: turn.seed, withinMs, closing: lane });
      looks += 1;
      const told = finding.kind === "alarm" ? `alarm: ${finding.alarm}` : finding.kind;
      progress(`seed ${turn.seed}: ${turn.name} ${told}`);
      // One that did not end has shown nothing.
      if (finding.kind !== "quiet") alarms.push(`${turn.name} with seed ${turn.seed}: ${told}`);
    });
    return { alarms, figures: { seeds: trials, looks } };
  },
};

function* turnsOf(firstSeed: number, seeds: number): Generator<Turn> {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    for (const name of detectorNames) yield { name, seed };
  }
}
