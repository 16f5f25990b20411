import type { ContenderName, RunningContender } from "../contenders/start-contender.ts";
import type { Figure } from "./figure.ts";
import type { BenchDatabase, PostgresServer } from "./postgres-server.ts";

/** What a benchmark is given. */
export interface Bench {
  /** Fewer and shorter rounds, for a first look. */
  readonly quick: boolean;
  /** How many of what it is about; its own number when absent. */
  readonly count: number | undefined;
  /** Base URL of the model stub. */
  readonly modelUrl: string;
  /** Where the installed product keeps its data. */
  readonly homeDir: string;
  /** The one server that all contenders share. */
  readonly postgres: PostgresServer;
  /** Starts a contender's process; it is closed when the benchmark ends, if not before. */
  start(
    name: ContenderName,
    settings: { readonly database?: BenchDatabase; readonly concurrency: number },
  ): Promise<RunningContender>;
  /** Figures count from here on, whatever happens to the rest of the benchmark. */
  report(...figures: readonly Figure[]): void;
  /** Something to stop when the benchmark ends. */
  atEnd(stop: () => Promise<void>): void;
}

/** Thrown by a benchmark that cannot run here yet. */
export class Skipped extends Error {}

export interface Benchmark {
  readonly name: string;
  /** Given up after this. */
  readonly limitMs: number;
  run(bench: Bench): Promise<void>;
}
