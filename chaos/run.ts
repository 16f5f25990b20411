import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import type { Exercise } from "./exercise.ts";
import { exercises } from "./exercises.ts";

const { values } = parseArgs({
  options: {
    tier: { type: "string" },
    race: { type: "string" },
    seed: { type: "string" },
    minutes: { type: "string" },
    trials: { type: "string" },
  },
});

/* oxlint-disable no-console -- a program of the command line */
const name = values.tier ?? values.race ?? "";
const exercise: Exercise | undefined = new Map(Object.entries(exercises)).get(name);
if (exercise === undefined) {
  const lines = Object.entries(exercises).map(([each, { summary }]) => `  ${each.padEnd(24)} ${summary}`);
  console.error(
    `Use: npm run chaos -- --tier NAME | --race NAME [--seed S] [--minutes M] [--trials N]\n${lines.join("\n")}`,
  );
  process.exit(2);
}

const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
console.error(
  `${name}: repeat with npm run chaos -- ${values.tier === undefined ? "--race" : "--tier"} ${name} --seed ${seed}`,
);
const { alarms, figures } = await exercise.run({
  seed,
  ...(values.minutes === undefined ? {} : { minutes: Number(values.minutes) }),
  ...(values.trials === undefined ? {} : { trials: Number(values.trials) }),
  progress: (line) => console.error(`${name}: ${line}`),
});
console.log(JSON.stringify({ name, seed, alarms, figures }, null, 2));
console.error(`${name}: ${alarms.length === 0 ? "no alarm" : `${alarms.length} alarms`}`);
process.exit(alarms.length === 0 ? 0 : 1);
