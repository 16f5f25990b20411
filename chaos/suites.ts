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

interface Counts {
  /** For each push, where the exercise's own count would take too long; that count is the one of the catalogue. */
  readonly ci?: number;
  readonly release: number;
}

/** Those that take longest come first, so that none is left alone at the end. */
const exercises: Readonly<Record<string, Counts>> = {
  "database-limits": { ci: 1, release: 30 },
  "embedded-database": { ci: 2, release: 300 },
  poison: { ci: 1, release: 50 },
  "killed-at-the-spawn": { ci: 2, release: 300 },
  "migrated-underneath": { ci: 1, release: 50 },
  "dropped-readers": { ci: 20, release: 5_000 },
  "huge-and-broken-text": { ci: 20, release: 2_000 },
  "provider-faults": { ci: 21, release: 4_200 },
  "rolling-restart": { ci: 2, release: 200 },
  "killed-worker": { ci: 4, release: 500 },
  "stopped-worker": { release: 50 },
  "cancel-reaches-the-work": { ci: 40, release: 2_000 },
  "silent-listener": { ci: 2, release: 100 },
  "restarted-database": { ci: 4, release: 1_000 },
  "spawn-by-twenty": { release: 20_000 },
  "cancel-against-final": { release: 100_000 },
  "commit-ack-dropped": { release: 3_000 },
  "reaper-against-completion": { release: 20_000 },
  "answer-around-suspend": { release: 20_000 },
  "three-ends-of-a-wait": { release: 20_000 },
  "several-answers": { release: 1_200 },
  "plain-promises": { release: 1 },
  runaway: { release: 200 },
  sqlstates: { release: 2_000 },
  "delivered-twice": { release: 2_000 },
  "changed-underneath": { release: 500 },
  "two-workers": { release: 1_000 },
  "crash-count": { release: 500 },
  "failed-writes": { release: 200 },
  "thread-deleted": { release: 2_000 },
  "ends-in-one-thread": { release: 2_000 },
  "every-status-cancelled": { release: 1_400 },
  "caps-under-race": { release: 1_000 },
  "two-intended-spawns": { release: 1_000 },
  "same-key-other-args": { release: 500 },
};

const counted = Object.entries(exercises);

/** Several times what the longest one takes on two busy cores. */
const limitMinutes = 10;

/** Many exercises with one command. */
export const suites: Readonly<Record<string, readonly SuiteEntry[]>> = {
  /** What fits into fifteen minutes together with the tests. */
  ci: [
    { name: "T0", trials: 5_000, limitMinutes, alone: true },
    { name: "T1", trials: 20, limitMinutes, alone: true },
    { name: "T2", minutes: 2, limitMinutes, alone: true },
    ...counted.map(([name, { ci }]) => ({ name, limitMinutes, ...(ci === undefined ? {} : { trials: ci }) })),
  ],
  /** Each exercise as often as it is by itself. */
  catalogue: counted.map(([name]) => ({ name })),
  release: [
    { name: "T0", trials: 1_000_000, alone: true },
    { name: "T1", trials: 0, alone: true },
    ...counted.map(([name, { release }]) => ({ name, trials: release })),
    { name: "T3", alone: true },
    { name: "planted", alone: true },
    { name: "clean", alone: true },
  ],
};
