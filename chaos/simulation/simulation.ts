import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../exercise.ts";
import { failureBound } from "../harness/figures.ts";
import { startQuickPostgres } from "../harness/postgres/quick-postgres.ts";
import type { Exploration } from "./explore.ts";
import type { ProcessMessage, ProcessOrder } from "./simulation-process.ts";

const program = fileURLToPath(new URL("simulation-process.ts", import.meta.url));
/** As many as the smallest machine has cores. Fixed, so that a seed means the same everywhere. */
const processes = 2;
/** What fits into a minute. */
const ciInterleavings = 20_000;
const replayEvery = 200;

/** The product's operations and worker on a store, a queue and a clock in memory, in every order that a seed draws. */
export const simulation: Exercise = {
  summary: `operations and workers in memory, interleaved, crashed and cut off (trials: ${ciInterleavings}, for a release 100000 and more)`,
  async run({ seed, trials = ciInterleavings, closing, progress }) {
    const beganMs = performance.now();
    const postgres = await startQuickPostgres(closing);
    const shares = Array.from({ length: processes }, async (_, index) => {
      const { connectionString, drop } = await postgres.createDatabase();
      closing.defer(drop);
      const runs = Math.ceil(trials / processes);
      progress(`process ${index} begins ${runs} interleavings`);
      const order = { seed: seed * processes + index, runs, replayEvery, connectionString };
      const onFailure = (sentence: string): void => progress(`alarm: ${sentence.replaceAll("\n", " ")}`);
      return explore(order, { closing, onFailure });
    });
    return report(await Promise.all(shares), (performance.now() - beganMs) / 1000);
  },
};

function explore(
  order: ProcessOrder,
  { closing, onFailure }: Pick<ExerciseOptions, "closing"> & { readonly onFailure: (sentence: string) => void },
): Promise<Exploration> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(order)]);
    closing.defer(() => void child.kill("SIGKILL"));
    child.on("message", (message) => {
      const told = message as ProcessMessage;
      if (told.kind === "failure") onFailure(told.sentence);
      else resolve(told.found);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`A simulating process ended with ${code} and told nothing.`)));
  });
}

function report(found: readonly Exploration[], seconds: number): ExerciseReport {
  const figures: Record<string, number> = {};
  for (const share of found) {
    for (const [name, value] of Object.entries(share.figures)) figures[name] = (figures[name] ?? 0) + value;
  }
  const interleavings = figures["interleavings"] ?? 0;
  const alarms = found.flatMap((share) => share.alarms);
  return {
    alarms,
    figures: {
      ...figures,
      seconds: Math.round(seconds),
      interleavingsPerSecond: Math.round(interleavings / seconds),
      ...failureBound(alarms, interleavings),
    },
  };
}
