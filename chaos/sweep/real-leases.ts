import type { ExerciseReport } from "../exercise.ts";
import { type FailpointAction, parseFailpoint } from "../failpoints/failpoint.ts";
import { openLane } from "./lane.ts";
import type { SweepBench } from "./sweep-bench.ts";
import { runTrial, type TrialOutcome } from "./trial.ts";
import type { WorkloadName } from "./workload.ts";

const takeoverLimitMs = 30_000;

/** In the middle of a step, where the one that takes over has the most to get wrong. */
const places = [
  ["steps", "journal.recordForBgo.before#5"],
  ["effects", "tool.sink_once.after#2"],
  ["chat", "record answer.before#1"],
  ["steps", "model.respond.during#3"],
  ["answer", "bgos.transition.after#1"],
] as const satisfies readonly (readonly [WorkloadName, string])[];

/** F09, F19: leases run out by themselves, and frozen workers come back after two of them. All at the same time. */
export async function realLeases(bench: SweepBench, trials: number): Promise<ExerciseReport> {
  const outcomes = await Promise.all(
    Array.from({ length: trials }, async (_none, index) => {
      const [workload, place] = places[Math.floor(index / 2) % places.length] ?? places[0];
      const action: FailpointAction = index % 2 === 0 ? "kill" : "stop";
      return { action, outcome: await realTrial(bench, { trial: `real-${index}`, workload, place, action }) };
    }),
  );
  const kills = outcomes.filter(({ action }) => action === "kill").map(({ outcome }) => outcome.recoveredMs);
  const late = kills.filter((ms) => ms > takeoverLimitMs);
  return {
    alarms: [
      ...outcomes.flatMap(({ outcome }) => outcome.alarms),
      ...outcomes.filter(({ outcome }) => !outcome.reached).map(() => "a fault with real leases never came"),
      ...late.map((ms) => `F09: work was done ${Math.round(ms)} ms after its worker was killed`),
    ],
    figures: {
      realKills: kills.length,
      realFreezes: outcomes.length - kills.length,
      doneAfterRealKillMaxMs: Math.round(Math.max(0, ...kills)),
    },
  };
}

async function realTrial(
  { postgres, children }: SweepBench,
  of: {
    readonly trial: string;
    readonly workload: WorkloadName;
    readonly place: string;
    readonly action: FailpointAction;
  },
): Promise<TrialOutcome> {
  const lane = await openLane(postgres);
  const child = children.take();
  try {
    const failpoint = parseFailpoint(`${of.place}=${of.action}`);
    return await runTrial(lane, { trial: of.trial, workload: of.workload, failpoint, child, inRealTime: true });
  } finally {
    children.giveBack(child);
    await lane.close();
  }
}
