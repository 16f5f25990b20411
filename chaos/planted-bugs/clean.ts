import type { Exercise } from "../exercise.ts";
import { detectorNames, look } from "./detector.ts";
import { TreeCopy } from "./tree-copy.ts";

const defaultSeeds = 20;
const withinMs = 10 * 60_000;

/** The same exercises on a copy without any bug: an alarm there would be one about nothing. */
export const clean: Exercise = {
  summary: `what notices planted bugs, on a tree without any: no alarm in ${defaultSeeds} seeds (trials: how many seeds)`,
  async run({ seed, trials = defaultSeeds, progress }) {
    const copy = await TreeCopy.make();
    const alarms: string[] = [];
    let looks = 0;
    try {
      for (let turn = 0; turn < trials; turn += 1) {
        for (const name of detectorNames) {
          const finding = await look(name, { folder: copy.folder, seed: seed + turn, withinMs });
          looks += 1;
          progress(`seed ${seed + turn}: ${name} ${finding.kind}`);
          if (finding.kind === "alarm") alarms.push(`${name} with seed ${seed + turn}: ${finding.alarm}`);
          if (finding.kind === "timeout") alarms.push(`${name} with seed ${seed + turn} did not end`);
        }
      }
    } finally {
      await copy.remove();
    }
    return { alarms, figures: { seeds: trials, looks } };
  },
};
