import { parseArgs } from "node:util";

export interface ChaosArguments {
  readonly suite: string | undefined;
  /** A tier or a race: both are exercises. */
  readonly exercise: string | undefined;
  readonly seed: number | undefined;
  readonly minutes: number | undefined;
  readonly trials: number | undefined;
}

/** What the command line asks for; fails with one sentence about what is wrong with it. */
export function readArguments(args: readonly string[]): ChaosArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: "string" },
      tier: { type: "string" },
      race: { type: "string" },
      seed: { type: "string" },
      minutes: { type: "string" },
      trials: { type: "string" },
    },
  });
  return {
    suite: values.suite,
    exercise: values.tier ?? values.race,
    seed: numberOf("--seed", values.seed),
    minutes: numberOf("--minutes", values.minutes),
    trials: numberOf("--trials", values.trials),
  };
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(?:\.\d+)?$/u.test(text)) throw new Error(`${option} must be a number, not "${text}"`);
  return Number(text);
}
