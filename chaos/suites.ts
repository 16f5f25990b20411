/** One exercise of a suite, with its own count or length where the exercise's default does not fit. */
export interface SuiteEntry {
  readonly name: string;
  readonly trials?: number;
  readonly minutes?: number;
  /** Counts as failed when it takes longer. */
  readonly limitMinutes?: number;
  /** It keeps every core busy by itself, or its figures are about time. */
  readonly alone?: true;
}

const races = {
  "two-intended-spawns": 1_000,
  "same-key-other-args": 500,
  "caps-under-race": 1_000,
  "every-status-cancelled": 1_400,
  "commit-ack-dropped": 3_000,
  "crash-count": 500,
  "failed-writes": 200,
  "thread-deleted": 2_000,
  "ends-in-one-thread": 2_000,
  "two-workers": 1_000,
  "killed-worker": 500,
  "stopped-worker": 50,
  "reaper-against-completion": 20_000,
  "spawn-by-twenty": 20_000,
  "cancel-against-final": 100_000,
  "several-answers": 1200,
  "answer-around-suspend": 20_000,
  "three-ends-of-a-wait": 20_000,
} as const;

const raceNames = Object.keys(races) as (keyof typeof races)[];

/** Several times what the longest one takes on two busy cores. */
const limitMinutes = 10;

/** Many exercises with one command. The defaults of the races are the counts of continuous integration. */
export const suites: Readonly<Record<string, readonly SuiteEntry[]>> = {
  ci: [
    { name: "T0", trials: 10_000, limitMinutes, alone: true },
    { name: "T1", limitMinutes, alone: true },
    { name: "T2", minutes: 2, limitMinutes, alone: true },
    ...raceNames.map((name) => ({ name, limitMinutes })),
    { name: "plain-promises", limitMinutes },
  ],
  release: [
    { name: "T0", trials: 1_000_000, alone: true },
    { name: "T1", trials: 0, alone: true },
    ...raceNames.map((name) => ({ name, trials: races[name] })),
    { name: "plain-promises" },
    { name: "T3", alone: true },
    { name: "planted", alone: true },
    { name: "clean", alone: true },
  ],
};
