import fc from "fast-check";
import { checkFences } from "./check-fences.ts";
import { checkWorld } from "./check-world.ts";
import { type Program, program } from "./program.ts";
import { runProgram } from "./run-program.ts";
import { type StoreEvent, StoreRecorder } from "./store-recorder.ts";

const scheduleChars = 4000;

export interface ExploreOptions {
  readonly seed: number;
  readonly runs: number;
  /** Of so many runs one is handed to `replay`: the first in which a worker was refused, if there is one. */
  readonly replayEvery: number;
  readonly replay: (events: readonly StoreEvent[]) => Promise<readonly string[]>;
}

export interface Exploration {
  readonly alarms: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Runs programs under schedules that the seed draws; the first that breaks something is made smaller and told. */
export async function explore(options: ExploreOptions): Promise<Exploration> {
  const figures: Record<string, number> = {};
  let hasDiffered = false;
  let sinceReplay = 0;
  const count = (name: string, times: number): void => {
    figures[name] = (figures[name] ?? 0) + times;
  };
  const property = fc.asyncProperty(fc.scheduler(), program, async (scheduler, drawn) => {
    const recorder = new StoreRecorder();
    const world = await runProgram(drawn, { scheduler, recorder });
    count("interleavings", 1);
    count("bgos", world.database.rows("bgo").length);
    count("turns", world.database.rows("turn").length);
    count("steps", world.database.rows("step").length);
    count("takeovers", sum(world.database.rows("bgo").map(({ epoch }) => Math.max(0, epoch - 1))));
    count("deadlocks", world.database.deadlocks);
    count("schedulingPoints", sum(world.fibers.map(({ points }) => points)));
    count("deaths", world.fibers.filter(({ isDead }) => isDead).length);
    count("commitFaults", sum(world.fibers.map(({ faultsMet }) => faultsMet)));
    const broken = [...checkWorld(world), ...checkFences(recorder.events)];
    if (broken.length > 0) throw new Error(broken.join("\n"));
    sinceReplay += 1;
    const isDue = sinceReplay >= options.replayEvery * (recorder.hasRefusedWorker ? 0.5 : 1.5);
    // Once the two stores have differed, every smaller program is tried on both.
    if (!isDue && !hasDiffered) return;
    sinceReplay = 0;
    const differences = await options.replay(recorder.events);
    count("replayedOnPostgres", 1);
    count("statementsCompared", recorder.events.filter(({ kind }) => kind === "statement").length);
    hasDiffered ||= differences.length > 0;
    if (differences.length > 0) throw new Error(differences.join("\n"));
  });
  const found = await fc.check(property, { seed: options.seed | 0, numRuns: options.runs });
  return { alarms: found.failed ? [alarmOf(found)] : [], figures };
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
