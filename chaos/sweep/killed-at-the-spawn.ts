import type { Exercise, ExerciseOptions, ExerciseReport } from "../exercise.ts";
import type { Failpoint, Moment } from "../failpoints/failpoint.ts";
import { failureBound, sortedFigures } from "../harness/figures.ts";
import { opened } from "../harness/closing.ts";
import { type QuickPostgres, startQuickPostgres } from "../harness/postgres/quick-postgres.ts";
import { FaultyChildren } from "./faulty-children.ts";
import { type Lane, openLane } from "./lane.ts";
import { SpawnClient } from "./spawn-client.ts";
import { runTrial } from "./trial.ts";

const ciTrials = 30;
/** Of the kills in the middle of a commit and in chat turns there are this many times fewer. */
const fewer = 3;
const clientLanes = 2;
const spareCount = 3;
const enoughAlarms = 20;
const progressEvery = 10;

type KillMoment = Exclude<Moment, "on_acknowledgement">;

/** F01, F02: a server dies around the commit of a spawn, its client asks another one; a worker dies at its `spawn_bgo`. */
export const killedAtTheSpawn: Exercise = {
  summary: `a process killed before, amid and right after the commit of a spawn (trials of each: ${ciTrials}, for a release 3000)`,
  async run(options) {
    const { closing } = options;
    const postgres = await startQuickPostgres(closing);
    const children = await opened(closing, () => FaultyChildren.start(clientLanes + 1 + spareCount));
    return new SpawnKills(options, { postgres, children }).report();
  },
};

function killedAt(moment: KillMoment, hit: number): Failpoint {
  return { name: "spawn", hit, moment, action: "kill" };
}

class SpawnKills {
  readonly #options: ExerciseOptions;
  readonly #postgres: QuickPostgres;
  readonly #children: FaultyChildren;
  readonly #each: number;
  readonly #alarms: string[] = [];
  readonly #figures = new Map<string, number>();
  #done = 0;

  constructor(options: ExerciseOptions, of: { readonly postgres: QuickPostgres; readonly children: FaultyChildren }) {
    this.#options = options;
    this.#postgres = of.postgres;
    this.#children = of.children;
    this.#each = options.trials ?? ciTrials;
  }

  async report(): Promise<ExerciseReport> {
    const startMs = performance.now();
    const few = Math.ceil(this.#each / fewer);
    const moments: KillMoment[] = [
      ...Array.from({ length: this.#each }, () => ["before", "after"] as const).flat(),
      ...Array.from({ length: few }, () => "during" as const),
    ];
    await Promise.all([
      ...Array.from({ length: clientLanes }, () => this.#clientLane(moments)),
      this.#chatLane(Array.from({ length: few }, () => ["before", "after"] as const).flat()),
    ]);
    return {
      alarms: this.#alarms,
      figures: {
        trials: this.#done,
        ...sortedFigures(this.#figures),
        seconds: Math.round((performance.now() - startMs) / 1000),
        ...failureBound(this.#alarms, this.#done),
      },
    };
  }

  async #clientLane(moments: KillMoment[]): Promise<void> {
    const lane = await openLane(this.#postgres);
    const client = await SpawnClient.open(lane);
    try {
      for (let moment = moments.shift(); moment !== undefined; moment = moments.shift()) {
        if (this.#alarms.length >= enoughAlarms) break;
        await this.#killServer(client, moment);
      }
      this.#alarms.push(...(await client.finish()));
    } finally {
      await client.close();
      await lane.close();
    }
  }

  async #killServer(client: SpawnClient, moment: KillMoment): Promise<void> {
    const child = this.#children.take();
    const trial = this.#next(`server-${moment}`);
    try {
      await child.open(client.lane.addresses, killedAt(moment, 1));
      const told = await client.spawnAt(child, trial);
      this.#count(`killed_${moment}`);
      if (told.isCommitted) this.#count("committedBeforeTheDeath");
      const isLate = moment === "after" && !told.isCommitted;
      const wrong = isLate ? ["the process died after a commit that is not there"] : told.violations;
      this.#alarms.push(...wrong.map((violation) => `${trial}: ${violation}`));
    } catch (error) {
      await child.end();
      this.#alarms.push(`${trial}: the trial itself broke: ${String(error)}`);
    } finally {
      this.#children.giveBack(child);
    }
  }

  /** The turn's worker dies at one of its two spawns; whoever takes the turn over must not spawn it again. */
  async #chatLane(moments: readonly KillMoment[]): Promise<void> {
    const lane = await openLane(this.#postgres);
    try {
      for (const [index, moment] of moments.entries()) {
        if (this.#alarms.length >= enoughAlarms) break;
        await this.#killTurn(lane, killedAt(moment, 1 + (Math.floor(index / 2) % 2)));
      }
    } finally {
      await lane.close();
    }
  }

  async #killTurn(lane: Lane, failpoint: Failpoint): Promise<void> {
    const child = this.#children.take();
    const trial = this.#next(`turn-${failpoint.moment}`);
    try {
      const outcome = await runTrial(lane, { trial, workload: "chat", failpoint, child });
      this.#alarms.push(...outcome.alarms);
      this.#count(outcome.reached ? `turnsKilled_${failpoint.moment}` : "turnsNotKilled");
    } catch (error) {
      await child.end();
      this.#alarms.push(`${trial}: the trial itself broke: ${String(error)}`);
    } finally {
      this.#children.giveBack(child);
    }
  }

  #next(kind: string): string {
    this.#done += 1;
    if (this.#done % progressEvery === 0) {
      this.#options.progress(`${this.#done} trials, ${this.#alarms.length} alarms`);
    }
    return `${kind}-${this.#done}`;
  }

  #count(figure: string): void {
    this.#figures.set(figure, (this.#figures.get(figure) ?? 0) + 1);
  }
}
