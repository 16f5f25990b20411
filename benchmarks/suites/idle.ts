import { setTimeout as delay } from "node:timers/promises";
import type { Bench, Benchmark } from "../harness/bench.ts";
import { figure } from "../harness/figure.ts";
import { startProduct } from "../harness/product.ts";
import { progress } from "../harness/progress.ts";
import type { BenchDatabase } from "../harness/postgres-server.ts";

/** What the runtime asks of its database when there is nothing to do. */
export const idle: Benchmark = {
  name: "idle",
  limitMs: 150_000,
  async run(bench) {
    progress("idle: no work, nobody watching");
    const database = await bench.postgres.createDatabase();
    const contender = await bench.start("platos", { database, concurrency: 20 });
    const perSecond = await transactionRate(bench, database);
    await contender.close();
    bench.report(figure("idle.transactions-per-s", perSecond, "tx/s", { atMost: 5 }));
    await withViewer(bench);
  },
};

async function withViewer(bench: Bench): Promise<void> {
  progress("idle: no work, one viewer");
  const database = await bench.postgres.createDatabase();
  const product = await startProduct(bench, { DATABASE_URL: database.connectionString });
  const stopViewing = new AbortController();
  await product.stream("/api/v1/events?topics=bgos", stopViewing.signal);
  const perSecond = await transactionRate(bench, database);
  stopViewing.abort();
  await product.close();
  bench.report(figure("idle.transactions-per-s.one-viewer", perSecond, "tx/s", { atMost: 5 }));
}

async function transactionRate(bench: Bench, database: BenchDatabase): Promise<number> {
  await delay(bench.quick ? 3000 : 6000);
  const before = await bench.postgres.transactions(database);
  const beganMs = performance.now();
  await delay(bench.quick ? 8000 : 25_000);
  const after = await bench.postgres.transactions(database);
  return (after - before) / ((performance.now() - beganMs) / 1000);
}
