import { randomInt } from "node:crypto";
import { type ChaosArguments, readArguments } from "./arguments.ts";
import type { Exercise } from "./exercise.ts";
import { exercises } from "./exercises.ts";
import { runSuite } from "./run-suite.ts";
import { type SuiteEntry, suites } from "./suites.ts";
import { withClosing } from "./with-closing.ts";

/* oxlint-disable no-console -- a program of the command line */
process.exit(await run(process.argv.slice(2)));

async function run(args: readonly string[]): Promise<number> {
  let asked: ChaosArguments;
  try {
    asked = readArguments(args);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const { seed = randomInt(2 ** 31) } = asked;
  if (asked.suite !== undefined) {
    const suite = new Map(Object.entries(suites)).get(asked.suite);
    return suite === undefined
      ? refuse(`There is no suite "${asked.suite}".`)
      : runWholeSuite({ name: asked.suite, suite, seed });
  }
  if (asked.exercise === undefined) {
    console.log(usage());
    return 0;
  }
  const exercise = new Map(Object.entries(exercises)).get(asked.exercise);
  if (exercise === undefined) return refuse(`There is no tier or race "${asked.exercise}".`);
  return runExercise({ ...asked, name: asked.exercise, exercise, seed });
}

function refuse(why: string): number {
  console.error(`${why}\n${usage()}`);
  return 2;
}

interface AskedSuite {
  readonly name: string;
  readonly suite: readonly SuiteEntry[];
  readonly seed: number;
}

async function runWholeSuite({ name, suite, seed }: AskedSuite): Promise<number> {
  const progress = (line: string): void => console.error(`${name}: ${line}`);
  const failed = await withClosing((closing) => runSuite(suite, { seed, progress, closing }));
  console.error(`${name}: ${failed.length === 0 ? "no alarm" : `alarms in ${failed.join(", ")}`}`);
  return failed.length === 0 ? 0 : 1;
}

interface AskedExercise extends Pick<ChaosArguments, "minutes" | "trials"> {
  readonly name: string;
  readonly exercise: Exercise;
  readonly seed: number;
}

async function runExercise({ name, exercise, seed, minutes, trials }: AskedExercise): Promise<number> {
  const counts = { ...(minutes === undefined ? {} : { minutes }), ...(trials === undefined ? {} : { trials }) };
  const given = Object.entries(counts).map(([option, count]) => `--${option} ${count}`);
  console.error([`${name}: repeat with npm run chaos -- --tier ${name} --seed ${seed}`, ...given].join(" "));
  const { alarms, figures } = await withClosing((closing) =>
    exercise.run({
      seed,
      ...counts,
      closing,
      progress(line) {
        // What breaks while everything is being ended is no alarm.
        if (!closing.disposed) console.error(`${name}: ${line}`);
      },
    }),
  );
  console.log(JSON.stringify({ name, seed, alarms, figures }, null, 2));
  console.error(`${name}: ${alarms.length === 0 ? "no alarm" : `${alarms.length} alarms`}`);
  return alarms.length === 0 ? 0 : 1;
}

function usage(): string {
  const lines = Object.entries(exercises).map(([name, { summary }]) => `  ${name.padEnd(26)} ${summary}`);
  return [
    "Use: npm run chaos -- --tier NAME [--seed S] [--minutes M] [--trials N]   (--race means the same)",
    `     npm run chaos -- --suite ${Object.keys(suites).join(" | ")} [--seed S]`,
    ...lines,
  ].join("\n");
}
