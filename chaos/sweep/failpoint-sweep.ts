import type { Exercise, ExerciseOptions, ExerciseReport } from "../exercise.ts";
import { failpointText } from "../failpoints/failpoint.ts";
import { Random } from "../harness/random.ts";
import { crashAfterEachWrite } from "./crash-after-each-write.ts";
import { duplicateDeliveries } from "./duplicate-deliveries.ts";
import { opened } from "../harness/closing.ts";
import { type QuickPostgres, startQuickPostgres } from "../harness/postgres/quick-postgres.ts";
import { FaultyChildren } from "./faulty-children.ts";
import type { SeenPoint } from "../failpoints/failpoint-gate.ts";
import { type Lane, openLane } from "./lane.ts";
import { realLeases } from "./real-leases.ts";
import { rollingRestart } from "./rolling-restart.ts";
import type { SweepBench } from "./sweep-bench.ts";
import { joinSeen, type PlannedTrial, planSweep, shuffled } from "./sweep-plan.ts";
import { runTrial, type TrialOutcome } from "./trial.ts";
import { type WorkloadName, workloadNames } from "./workload.ts";

const laneCount = 3;
const spareCount = 2;
/** Enough for a look at each push; `--trials 0` tries everything. */
const defaultTrials = 60;
/** The n-th call of a name may not come where work runs side by side: then the trial is run again. */
const triesToReach = 4;
const enoughAlarms = 20;

/** How much of the rest belongs to a sample, and how much to the whole. */
const shares = {
  sample: { realLeases: 2, crashChains: 1, duplicateRounds: 1, restartRounds: 1 },
  whole: { realLeases: 10, crashChains: 10, duplicateRounds: 10, restartRounds: 4 },
} as const;

export const failpointSweep: Exercise = {
  summary: `T1: every fault at every call that six workloads make; --trials 0 tries all, the default is ${defaultTrials}`,
  async run(options) {
    const { seed, closing, progress } = options;
    const postgres = await startQuickPostgres(closing);
    const children = await opened(closing, () => FaultyChildren.start(laneCount + spareCount));
    const bench: SweepBench = { postgres, children, seed, progress };
    const share = options.trials === 0 ? shares.whole : shares.sample;
    const startMs = performance.now();
    // Leases run out by themselves meanwhile, which costs time and nothing else.
    const [swept, real] = await Promise.all([
      new Sweep(options, { postgres, children }).run(),
      realLeases(bench, share.realLeases),
    ]);
    const others = [
      await crashAfterEachWrite(bench, share.crashChains),
      await duplicateDeliveries(bench, share.duplicateRounds),
      await rollingRestart(bench, { rounds: share.restartRounds }),
    ];
    const seconds = Math.round((performance.now() - startMs) / 1000);
    return {
      alarms: [swept, real, ...others].flatMap(({ alarms }) => alarms),
      figures: { ...Object.assign({}, ...[swept, real, ...others].map(({ figures }) => figures)), seconds },
    };
  },
};

class Sweep {
  readonly #options: ExerciseOptions;
  readonly #postgres: QuickPostgres;
  readonly #children: FaultyChildren;
  readonly #alarms: string[] = [];
  readonly #unreached: string[] = [];
  #trials = 0;
  #reached = 0;
  #kills = 0;
  #stalls = 0;

  constructor(options: ExerciseOptions, of: { readonly postgres: QuickPostgres; readonly children: FaultyChildren }) {
    this.#options = options;
    this.#postgres = of.postgres;
    this.#children = of.children;
  }

  async run(): Promise<ExerciseReport> {
    const { seed, trials = defaultTrials, progress } = this.#options;
    const seen = await this.#record();
    const all = workloadNames.flatMap((workload) => planSweep(workload, seen.get(workload) ?? []));
    const order = shuffled(all, Random.of(seed, "failpoint sweep"));
    const chosen = trials === 0 ? order : order.slice(0, trials);
    progress(
      `${chosen.length} of ${all.length} faults at ${pointCount(seen)} calls of ${workloadNames.length} workloads`,
    );
    await this.#work(chosen);
    const missed = this.#unreached.length;
    for (const text of this.#unreached) progress(`never came: ${text}`);
    return {
      alarms: this.#alarms,
      figures: {
        workloads: workloadNames.length,
        pointNames: new Set([...seen.values()].flatMap((points) => points.map(({ name }) => name))).size,
        calls: pointCount(seen),
        faultsInAll: all.length,
        faultsTried: chosen.length,
        faultsDone: this.#reached,
        faultsThatNeverCame: missed,
        coveragePercent: Math.floor((100 * this.#reached) / all.length),
        trials: this.#trials,
        workerKills: this.#kills,
        waitedForALeaseAfterAnError: this.#stalls,
      },
    };
  }

  /** Two runs of each workload without a fault: the calls they make are the points of the sweep. */
  async #record(): Promise<ReadonlyMap<WorkloadName, readonly SeenPoint[]>> {
    const seen = new Map<WorkloadName, readonly SeenPoint[]>();
    const lane = await openLane(this.#postgres);
    try {
      for (const workload of [...workloadNames, ...workloadNames]) {
        const outcome = await this.#try(lane, { workload, failpoint: null });
        seen.set(workload, joinSeen(seen.get(workload) ?? [], outcome.seen));
      }
    } finally {
      await lane.close();
    }
    return seen;
  }

  async #work(chosen: readonly PlannedTrial[]): Promise<void> {
    const queue = [...chosen];
    let lastMs = performance.now();
    const worker = async (): Promise<void> => {
      let lane = await openLane(this.#postgres);
      try {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          if (this.#alarms.length >= enoughAlarms) return;
          const before = this.#alarms.length;
          await this.#reach(lane, next);
          if (this.#alarms.length > before) {
            // What is broken stays broken: the next trial begins on a clean database.
            await lane.close();
            lane = await openLane(this.#postgres);
          }
          if (performance.now() - lastMs > 10_000) {
            lastMs = performance.now();
            this.#options.progress(`${queue.length} to go, ${this.#alarms.length} alarms`);
          }
        }
      } finally {
        await lane.close();
      }
    };
    await Promise.all(Array.from({ length: laneCount }, worker));
  }

  async #reach(lane: Lane, planned: PlannedTrial): Promise<void> {
    for (let tries = 1; tries <= triesToReach; tries += 1) {
      const { reached, alarms } = await this.#try(lane, planned);
      if (reached) {
        this.#reached += 1;
        if (planned.failpoint.action === "kill") this.#kills += 1;
      }
      if (reached || alarms.length > 0) return;
    }
    this.#unreached.push(`${planned.workload} ${failpointText(planned.failpoint)}`);
  }

  async #try(
    lane: Lane,
    { workload, failpoint }: Pick<PlannedTrial, "workload"> & { readonly failpoint: PlannedTrial["failpoint"] | null },
  ): Promise<TrialOutcome> {
    this.#trials += 1;
    const child = this.#children.take();
    try {
      const outcome = await runTrial(lane, { trial: `t${this.#trials}`, workload, failpoint, child });
      for (const alarm of outcome.alarms) this.#options.progress(`alarm: ${alarm}`);
      this.#alarms.push(...outcome.alarms);
      if (outcome.stalled && failpoint !== null && ["throw", "lose"].includes(failpoint.action)) {
        this.#stalls += 1;
        this.#options.progress(`waited for a lease: ${workload} ${failpointText(failpoint)}`);
      }
      return outcome;
    } catch (error) {
      // Of a process in an unknown state nothing is used again.
      await child.end();
      const where = failpoint === null ? "without a fault" : failpointText(failpoint);
      this.#alarms.push(`${workload} ${where}: the trial itself broke: ${String(error)}`);
      return { reached: false, alarms: this.#alarms.slice(-1), seen: [], stalled: false, recoveredMs: 0 };
    } finally {
      this.#children.giveBack(child);
    }
  }
}

function pointCount(seen: ReadonlyMap<WorkloadName, readonly SeenPoint[]>): number {
  return [...seen.values()].flat().reduce((sum, { hits }) => sum + hits, 0);
}
