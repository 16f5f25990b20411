import fc from "fast-check";
import { checkFences } from "./check-fences.ts";
import { checkWorld } from "./check-world.ts";
import { type Program, program } from "./program.ts";
import { runProgram } from "./run-program.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import { type StoreEvent, StoreRecorder } from "./store-recorder.ts";

const scheduleChars = 4000;
/** How long is spent on making a failure smaller: each try is a run, and some are run on Postgres as well. */
const shrinkMs = 20_000;

export interface ExploreOptions {
  readonly seed: number;
  readonly runs: number;
  /** Of so many runs one is handed to `replay`: the first in which a worker was refused, if there is one. */
  readonly replayEvery: number;
  readonly replay: (events: readonly StoreEvent[]) => Promise<readonly string[]>;
  /** Told of the first failure at once, before it is made smaller. */
  readonly onFailure: (sentence: string) => void;
}

export interface Exploration {
  readonly alarms: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Runs programs under schedules that the seed draws; the first that breaks something is made smaller and told. */
export async function explore(options: ExploreOptions): Promise<Exploration> {
  const explorer = new Explorer(options);
  const property = fc.asyncProperty(fc.scheduler(), program, (scheduler, drawn) => explorer.run(scheduler, drawn));
  const found = await fc.check(property, { seed: options.seed | 0, numRuns: options.runs });
  return { alarms: found.failed ? [alarmOf(found)] : [], figures: explorer.figures };
}

class Explorer {
  readonly figures: Record<string, number> = {};
  readonly #options: ExploreOptions;
  #hasDiffered = false;
  #sinceReplay = 0;
  #failedAtMs = Number.POSITIVE_INFINITY;

  constructor(options: ExploreOptions) {
    this.#options = options;
  }

  /** Throws when something breaks. Once it has been tried long enough to make a failure smaller, nothing does. */
  async run(scheduler: fc.Scheduler, drawn: Program): Promise<void> {
    if (performance.now() - this.#failedAtMs > shrinkMs) return;
    try {
      const recorder = new StoreRecorder();
      const world = await runProgram(drawn, { scheduler, recorder });
      this.#countWorld(world);
      refuse([...checkWorld(world), ...checkFences(recorder.events)]);
      await this.#replay(recorder);
    } catch (error) {
      if (this.#failedAtMs === Number.POSITIVE_INFINITY) {
        this.#failedAtMs = performance.now();
        this.#options.onFailure(error instanceof Error ? error.message : String(error));
      }
      throw error;
    }
  }

  async #replay(recorder: StoreRecorder): Promise<void> {
    const { replay, replayEvery } = this.#options;
    this.#sinceReplay += 1;
    const isDue = this.#sinceReplay >= replayEvery * (recorder.hasRefusedWorker ? 0.5 : 1.5);
    // Once the two stores have differed, every smaller program is tried on both.
    if (!isDue && !this.#hasDiffered) return;
    this.#sinceReplay = 0;
    const differences = await replay(recorder.events);
    this.#count("replayedOnPostgres", 1);
    this.#count("statementsCompared", recorder.events.filter(({ kind }) => kind === "statement").length);
    this.#hasDiffered ||= differences.length > 0;
    refuse(differences);
  }

  #countWorld({ database, fibers }: SimulatedWorld): void {
    this.#count("interleavings", 1);
    this.#count("bgos", database.rows("bgo").length);
    this.#count("turns", database.rows("turn").length);
    this.#count("steps", database.rows("step").length);
    const suspensions = database.rows("audit").filter(({ action }) => action === "bgo.waiting").length;
    // What has waited is claimed again as well; some is cancelled before.
    const claims = sum(database.rows("bgo").map(({ epoch }) => Math.max(0, epoch - 1)));
    this.#count("takeovers", Math.max(0, claims - suspensions));
    this.#count("suspensions", suspensions);
    for (const { status } of database.rows("waitpoint")) this.#count(`waits_${status}`, 1);
    this.#count("deadlocks", database.deadlocks);
    this.#count("schedulingPoints", sum(fibers.map(({ points }) => points)));
    this.#count("deaths", fibers.filter(({ isDead }) => isDead).length);
    this.#count("commitFaults", sum(fibers.map(({ faultsMet }) => faultsMet)));
  }

  #count(name: string, times: number): void {
    this.figures[name] = (this.figures[name] ?? 0) + times;
  }
}

function refuse(sentences: readonly string[]): void {
  if (sentences.length > 0) throw new Error(sentences.join("\n"));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** What broke, by which smallest program and schedule, and where the seed's sequence comes upon it. */
function alarmOf(found: fc.RunDetails<[fc.Scheduler, Program]>): string {
  const [scheduler, smallest] = found.counterexample ?? [];
  const error = found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance);
  const where = `process seed ${found.seed}, path ${found.counterexamplePath ?? ""}`;
  return `${error}\n${where}\nprogram ${fc.stringify(smallest)}\nschedule ${fc.stringify(scheduler).slice(0, scheduleChars)}`;
}
