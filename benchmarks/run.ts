// Measures the product beside its floor: progress and a table on standard error, one JSON document on standard output.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readArguments, usage, type BenchArguments } from "./harness/arguments.ts";
import { readBaseline, writeBaseline } from "./harness/baseline.ts";
import type { Benchmark } from "./harness/bench.ts";
import type { Figure } from "./harness/figure.ts";
import { figureTable } from "./harness/figure-table.ts";
import { describeMachine } from "./harness/machine.ts";
import { type PostgresServer, startPostgresServer } from "./harness/postgres-server.ts";
import { progress } from "./harness/progress.ts";
import { runBenchmark } from "./harness/run-benchmark.ts";
import { type ModelStub, startModelStub } from "./harness/start-model-stub.ts";
import { topStatements } from "./harness/statements.ts";
import { agentLoop } from "./suites/agent-loop.ts";
import { doctor } from "./suites/doctor.ts";
import { idle } from "./suites/idle.ts";
import { latency } from "./suites/latency.ts";
import { list } from "./suites/list.ts";
import { scheduleBurst } from "./suites/schedule-burst.ts";
import { spawn } from "./suites/spawn.ts";
import { start } from "./suites/start.ts";
import { storage } from "./suites/storage.ts";
import { waits } from "./suites/waits.ts";

const benchmarks: readonly Benchmark[] = [
  agentLoop,
  latency,
  spawn,
  storage,
  idle,
  list,
  doctor,
  waits,
  scheduleBurst,
  start,
];

async function main(args: BenchArguments): Promise<number> {
  const unknown = args.names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    progress(
      `There is no benchmark ${unknown.join(", ")}. Use: ${benchmarks.map(({ name }) => name).join(", ")}.\n${usage}`,
    );
    return 2;
  }
  const chosen = benchmarks.filter(({ name }) => args.names.length === 0 || args.names.includes(name));
  const postgres = await startPostgresServer({ statements: args.profileDir !== undefined });
  try {
    const model = await startModelStub();
    try {
      return await measure(chosen, { args, postgres, model });
    } finally {
      await model.close();
    }
  } finally {
    await postgres.close();
  }
}

async function measure(
  chosen: readonly Benchmark[],
  {
    args,
    postgres,
    model,
  }: { readonly args: BenchArguments; readonly postgres: PostgresServer; readonly model: ModelStub },
): Promise<number> {
  const machine = await describeMachine(postgres.admin, await postgres.measureCommit());
  const figures: Figure[] = [];
  const missing: { name: string; kind: "skipped" | "failed"; why: string }[] = [];
  const { quick, count, profileDir } = args;
  for (const benchmark of chosen) {
    progress(`${benchmark.name} …`);
    const outcome = await runBenchmark(benchmark, { quick, count, profileDir, postgres, modelUrl: model.baseUrl });
    figures.push(...outcome.figures);
    if (outcome.missing !== null) missing.push({ name: benchmark.name, ...outcome.missing });
  }
  const hasFailed = missing.some(({ kind }) => kind === "failed");
  const json = `${JSON.stringify({ machine, quick, figures, missing }, null, 2)}\n`;
  if (args.out === undefined) process.stdout.write(json);
  else await writeFile(args.out, json);
  if (profileDir !== undefined) {
    await writeFile(join(profileDir, "statements.txt"), `${await topStatements(postgres.admin, 60)}\n`);
  }
  progress(`\n${figureTable(figures, await readBaseline())}`);
  for (const { name, kind, why } of missing) progress(`${name}: ${kind}: ${why}`);
  if (args.writeBaseline && !hasFailed) await writeBaseline({ machine, figures });
  return hasFailed ? 1 : 0;
}

process.exitCode = await main(readArguments(process.argv.slice(2)));
