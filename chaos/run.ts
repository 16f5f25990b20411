import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import type { Exercise } from "./exercise.ts";
import { exercises } from "./exercises.ts";
import { runSuite } from "./run-suite.ts";
import { suites } from "./suites.ts";
import { withClosing } from "./with-closing.ts";

const { values } = parseArgs({
  options: {
    suite: { type: "string" },
    tier: { type: "string" },
    race: { type: "string" },
    seed: { type: "string" },
    minutes: { type: "string" },
    trials: { type: "string" },
  },
});

/* oxlint-disable no-console -- a program of the command line */
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
process.exit(await run());

async function run(): Promise<number> {
  const suite = new Map(Object.entries(suites)).get(values.suite ?? "");
  if (suite !== undefined) {
    const progress = (line: string): void => console.error(`${values.suite}: ${line}`);
    const failed = await withClosing((closing) => runSuite(suite, { seed, progress, closing }));
    console.error(`${values.suite}: ${failed.length === 0 ? "no alarm" : `alarms in ${failed.join(", ")}`}`);
    return failed.length === 0 ? 0 : 1;
  }
  const name = values.tier ?? values.race ?? "";
  const exercise = new Map(Object.entries(exercises)).get(name);
  if (exercise !== undefined) return runExercise(name, exercise);
  console.error(usage());
  return 2;
}

async function runExercise(name: string, exercise: Exercise): Promise<number> {
  const given = (["trials", "minutes"] as const).flatMap((option) =>
    values[option] === undefined ? [] : [`--${option} ${values[option]}`],
  );
  console.error([`${name}: repeat with npm run chaos -- --tier ${name} --seed ${seed}`, ...given].join(" "));
  const { alarms, figures } = await withClosing((closing) =>
    exercise.run({
      seed,
      ...(values.minutes === undefined ? {} : { minutes: Number(values.minutes) }),
      ...(values.trials === undefined ? {} : { trials: Number(values.trials) }),
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
