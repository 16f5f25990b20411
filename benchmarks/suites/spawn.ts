import { setTimeout as delay } from "node:timers/promises";
import type { Bench, Benchmark } from "../harness/bench.ts";
import { type Figure, figure, type Target } from "../harness/figure.ts";
import { startProduct } from "../harness/product.ts";
import { progress } from "../harness/progress.ts";
import { firstCallAt } from "../harness/start-model-stub.ts";
import { percentile } from "../harness/statistics.ts";
import { idleMs, markedPrompt, modelFor, type StartReport } from "../harness/work.ts";

const oneAnswer = { turns: 1, modelDelayMs: 0, answerBytes: 40 };
const targets = {
  ackP50: { atMost: 4 },
  ackP99: { atMost: 15 },
  firstCallP50: { atMost: 10 },
  firstCallP99: { atMost: 40 },
} as const;

/** How long a caller waits for the acknowledgement, and a run for its worker, on an idle system, one after the other. */
export const spawn: Benchmark = {
  name: "spawn",
  limitMs: 120_000,
  async run(bench) {
    const count = bench.quick ? 60 : 300;
    bench.report(...figuresOf("bare", await ofContender(bench, "bare", count), false));
    bench.report(...figuresOf("platos", await ofContender(bench, "platos", count), true));
    bench.report(...figuresOf("platos-worker-apart", await ofTwoProcesses(bench, count), true));
    bench.report(...figuresOf("platos-http", await ofHttp(bench, count), true));
  },
};

async function ofContender(bench: Bench, name: "bare" | "platos", count: number): Promise<readonly StartReport[]> {
  progress(`spawn: ${name}`);
  const contender = await bench.start(name, { database: await bench.postgres.createDatabase(), concurrency: 20 });
  await contender.measureStarts(15);
  const reports = await contender.measureStarts(count);
  await contender.close();
  return reports;
}

async function ofTwoProcesses(bench: Bench, count: number): Promise<readonly StartReport[]> {
  progress("spawn: platos, worker apart");
  const database = await bench.postgres.createDatabase();
  const server = await bench.start("platos-server", { database, concurrency: 20 });
  const worker = await bench.start("platos-worker", { database, concurrency: 20 });
  await server.measureStarts(15);
  const reports = await server.measureStarts(count);
  await worker.close();
  await server.close();
  return reports;
}

/** The whole server as it is installed, called over HTTP. */
async function ofHttp(bench: Bench, count: number): Promise<readonly StartReport[]> {
  progress("spawn: HTTP");
  const database = await bench.postgres.createDatabase();
  const product = await startProduct(bench, {
    DATABASE_URL: database.connectionString,
    PLATOS_MODEL: `openai-compatible:${modelFor(oneAnswer)}`,
  });
  const { threadId } = await product.makeThread();
  const reports: StartReport[] = [];
  for (let index = 0; index < count + 15; index += 1) {
    const mark = `http${index}`;
    const beganMs = performance.now();
    await product.call("POST", "/api/v1/platos-tasks", { threadId, prompt: markedPrompt(mark), tools: [] });
    const committedAt = process.hrtime.bigint();
    const ackMs = performance.now() - beganMs;
    reports.push({ ackMs, firstCallMs: Number((await firstCallAt(bench.modelUrl, mark)) - committedAt) / 1e6 });
    // Idle again before the next one.
    await delay(idleMs + 20);
  }
  await product.close();
  return reports.slice(15);
}

function figuresOf(who: string, reports: readonly StartReport[], hasTargets: boolean): Figure[] {
  const acks = reports.map((report) => report.ackMs);
  const firstCalls = reports.map((report) => report.firstCallMs);
  const target = (name: keyof typeof targets): Target => (hasTargets ? targets[name] : null);
  return [
    figure(`spawn.ack-p50.${who}`, percentile(acks, 0.5), "ms", target("ackP50")),
    figure(`spawn.ack-p99.${who}`, percentile(acks, 0.99), "ms", target("ackP99")),
    figure(`spawn.commit-to-first-call-p50.${who}`, percentile(firstCalls, 0.5), "ms", target("firstCallP50")),
    figure(`spawn.commit-to-first-call-p99.${who}`, percentile(firstCalls, 0.99), "ms", target("firstCallP99")),
  ];
}
