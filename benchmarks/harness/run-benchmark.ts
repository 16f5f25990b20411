import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteEmbeddedPostgres } from "../../packages/platos-tasks/src/store/embedded-postgres/delete-embedded-postgres.ts";
import { startContender } from "../contenders/start-contender.ts";
import { type Bench, type Benchmark, Skipped } from "./bench.ts";
import type { Figure } from "./figure.ts";
import type { PostgresServer } from "./postgres-server.ts";

export interface BenchmarkOptions {
  readonly quick: boolean;
  readonly count: number | undefined;
  readonly modelUrl: string;
  readonly postgres: PostgresServer;
  readonly profileDir: string | undefined;
}

export interface BenchmarkOutcome {
  readonly figures: readonly Figure[];
  /** Why the rest is missing; null when nothing is. */
  readonly missing: { readonly kind: "skipped" | "failed"; readonly why: string } | null;
}

/** Runs one benchmark within its time and stops whatever it has started, however it ends. */
export async function runBenchmark(benchmark: Benchmark, options: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const figures: Figure[] = [];
  const stops: (() => Promise<void>)[] = [];
  const homeDir = await mkdtemp(join(tmpdir(), "platos-bench-home-"));
  await chmod(homeDir, 0o711);
  const bench: Bench = {
    ...options,
    homeDir,
    async start(name, { database, concurrency }) {
      const settings = { connectionString: database?.connectionString ?? "", modelUrl: options.modelUrl, concurrency };
      const contender = await startContender(name, { settings, profileDir: options.profileDir });
      stops.push(() => contender.close());
      return contender;
    },
    report: (...more) => void figures.push(...more),
    atEnd: (stop) => void stops.push(stop),
  };
  try {
    await within(benchmark, bench);
    return { figures, missing: null };
  } catch (error) {
    const kind = error instanceof Skipped ? "skipped" : "failed";
    return { figures, missing: { kind, why: error instanceof Error ? error.message : String(error) } };
  } finally {
    for (const stop of stops.toReversed()) await stop().catch(() => undefined);
    await deleteEmbeddedPostgres({ homeDir });
    await rm(homeDir, { recursive: true, force: true });
  }
}

async function within(benchmark: Benchmark, bench: Bench): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`It took longer than ${benchmark.limitMs / 1000} s.`)),
      benchmark.limitMs,
    );
  });
  try {
    await Promise.race([benchmark.run(bench), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
