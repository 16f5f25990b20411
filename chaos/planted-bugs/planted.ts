import type { Exercise, ExerciseOptions } from "../exercise.ts";
import { opened } from "../harness/closing.ts";
import { look } from "./detector.ts";
import { type Catch, hunt } from "./hunt.ts";
import { type PlantedBug, readPlantedBugs } from "./planted-bug.ts";
import { TreeCopy } from "./tree-copy.ts";

const withinMs = 5 * 60_000;

/** Plants every known bug in a copy of the tree, one at a time, and says which of them the exercises noticed. */
export const planted: Exercise = {
  summary: "bugs planted one at a time in a copy; each must raise an alarm within 5 minutes (trials: how many bugs)",
  async run({ seed, trials, closing, progress }) {
    const all = await readPlantedBugs();
    // Which ones, if not all: the seed turns the ring.
    const ring = [...all.slice(seed % all.length), ...all.slice(0, seed % all.length)];
    const chosen = trials === undefined ? all : ring.slice(0, trials);
    const copy = await opened(closing, () => TreeCopy.make());
    const catches: Catch[] = [];
    const silent = await silentDetectors(copy, { chosen, seed, closing, progress });
    for (const known of chosen) {
      const bug = { ...known, detectors: known.detectors.filter((name) => silent.has(name)) };
      catches.push(await hunt(copy, bug, { seed, withinMs, closing, progress }));
    }
    for (const line of tableOf(catches)) progress(line);
    const missed = catches.filter(({ by }) => by === null);
    return {
      alarms: missed.map(({ bug }) => `${bug.name} was not noticed: ${bug.summary}`),
      figures: {
        planted: catches.length,
        noticed: catches.length - missed.length,
        ...Object.fromEntries(catches.map(({ bug, seconds }) => [`seconds.${bug.name}`, seconds])),
      },
    };
  },
};

/** An exercise that raises an alarm on the tree as it is proves nothing when it raises one with a bug in it. */
async function silentDetectors(
  copy: TreeCopy,
  of: Pick<ExerciseOptions, "seed" | "closing" | "progress"> & { readonly chosen: readonly PlantedBug[] },
): Promise<ReadonlySet<string>> {
  const silent = new Set<string>();
  for (const name of new Set(of.chosen.flatMap(({ detectors }) => detectors))) {
    const finding = await look(name, { folder: copy.folder, withinMs, ...of });
    if (finding.kind === "alarm") of.progress(`${name} is left out, it has an alarm without a bug: ${finding.alarm}`);
    else silent.add(name);
  }
  return silent;
}

function tableOf(catches: readonly Catch[]): string[] {
  const rows = catches.map(({ bug, by, alarm, seconds }) => [
    bug.name,
    by ?? "NOBODY",
    String(seconds),
    alarm.slice(0, 160),
  ]);
  return [
    "| bug | noticed by | seconds | alarm |",
    "| --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ];
}
