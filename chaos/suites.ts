/** One exercise of a suite, with its own count or length where the exercise's default does not fit. */
export interface SuiteEntry {
  readonly name: string;
  readonly trials?: number;
  readonly minutes?: number;
  /** Counts as failed when it takes longer. */
  readonly limitMinutes?: number;
  /** It keeps every core busy by itself, or its figures are about time. */
  readonly alone?: true;
  /** Begun only if the suite has not run for long by then, and named if it was left out. */
  readonly optional?: true;
}

interface Counts {
  /** For each push, where the exercise's own count would take too long; that count is the one of the catalogue. */
  readonly ci?: number;
  /** Of a push: only if there is time. */
  readonly optional?: true;
  readonly release: number;
}

/** Those that take longest come first, so that none is left alone at the end. */
const exercises: Readonly<Record<string, Counts>> = {
  "three-ends-of-a-wait": { release: 20_000 },
  "cancel-against-final": { release: 100_000 },
  "answer-around-suspend": { release: 20_000 },
  "reaper-against-completion": { release: 20_000 },
  "stopped-worker": { release: 50 },
  "spawn-by-twenty": { release: 20_000 },
  "commit-ack-dropped": { release: 3_000 },
  "several-answers": { release: 1_200 },
  "plain-promises": { release: 1 },
  "two-workers": { release: 1_000 },
  "crash-count": { release: 500 },
  "failed-writes": { release: 200 },
  "thread-deleted": { release: 2_000 },
  "ends-in-one-thread": { release: 2_000 },
  "every-status-cancelled": { release: 1_400 },
  "caps-under-race": { release: 1_000 },
  "two-intended-spawns": { release: 1_000 },
  "same-key-other-args": { release: 500 },
  sqlstates: { optional: true, release: 2_000 },
  "cancel-reaches-the-work": { ci: 40, optional: true, release: 2_000 },
  "delivered-twice": { optional: true, release: 2_000 },
  "changed-underneath": { optional: true, release: 500 },
  "restarted-database": { ci: 4, optional: true, release: 1_000 },
  "killed-worker": { ci: 4, optional: true, release: 500 },
  "database-limits": { ci: 1, optional: true, release: 30 },
  "silent-listener": { ci: 2, optional: true, release: 100 },
  "killed-at-the-spawn": { ci: 2, optional: true, release: 300 },
  "embedded-database": { ci: 2, optional: true, release: 300 },
  poison: { ci: 1, optional: true, release: 50 },
  "provider-faults": { ci: 21, optional: true, release: 4_200 },
  runaway: { optional: true, release: 200 },
  "rolling-restart": { ci: 2, optional: true, release: 200 },
  "dropped-readers": { ci: 20, optional: true, release: 5_000 },
  "migrated-underneath": { ci: 1, optional: true, release: 50 },
  "huge-and-broken-text": { ci: 20, optional: true, release: 2_000 },
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
    ...counted.map(([name, { ci, optional }]) => ({
      name,
      limitMinutes,
      ...(ci === undefined ? {} : { trials: ci }),
      ...(optional === undefined ? {} : { optional }),
    })),
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
