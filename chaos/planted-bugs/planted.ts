import type { Exercise } from "../exercise.ts";
import { type Catch, hunt } from "./hunt.ts";
import { readPlantedBugs } from "./planted-bug.ts";
import { TreeCopy } from "./tree-copy.ts";

const withinMs = 5 * 60_000;

/** Plants every known bug in a copy of the tree, one at a time, and says which of them the exercises noticed. */
export const planted: Exercise = {
  summary: "bugs planted one at a time in a copy; each must raise an alarm within 5 minutes (trials: how many bugs)",
  async run({ seed, trials, progress }) {
    const all = await readPlantedBugs();
    // Which ones, if not all: the seed turns the ring.
    const ring = [...all.slice(seed % all.length), ...all.slice(0, seed % all.length)];
    const chosen = trials === undefined ? all : ring.slice(0, trials);
    const copy = await TreeCopy.make();
    const catches: Catch[] = [];
    try {
      for (const bug of chosen) catches.push(await hunt(copy, bug, { seed, withinMs, progress }));
    } finally {
      await copy.remove();
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
