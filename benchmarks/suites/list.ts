import pg from "pg";
import { listBgos, type PageQuery } from "../../packages/platos-tasks/src/operations/list-bgos.ts";
import type { BgoFilter } from "../../packages/platos-tasks/src/core/ports/store.ts";
import { openPlatosRuntime } from "../contenders/open-platos-runtime.ts";
import { benchAgent, benchCaller, benchThread } from "../contenders/platos-tenant.ts";
import type { Benchmark } from "../harness/bench.ts";
import { figure } from "../harness/figure.ts";
import { progress } from "../harness/progress.ts";
import { percentile } from "../harness/statistics.ts";
import { fillWithBgos } from "./fill-with-bgos.ts";

const rows = 100_000;
const limit = 50;

/** Pages of a long list, in the shapes that the dashboard asks for. */
export const list: Benchmark = {
  name: "list",
  limitMs: 120_000,
  async run(bench) {
    const database = await bench.postgres.createDatabase();
    const runtime = await openPlatosRuntime(
      { connectionString: database.connectionString, modelUrl: bench.modelUrl, concurrency: 1 },
      "server",
    );
    bench.atEnd(() => runtime.stop({ graceMs: 0 }));
    const caller = await benchCaller(runtime);
    const agentId = await benchAgent(runtime, caller, { model: "demo:scripted", systemPrompt: "" });
    const threadIds = await Promise.all(Array.from({ length: 100 }, () => benchThread(runtime, caller, agentId)));
    progress(`list: writing ${rows} BGOs`);
    const client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    await fillWithBgos(client, { caller, agentId, threadIds, rows });
    await client.end();
    const first = await listBgos(runtime.operations, caller, { limit });
    const queries: Record<string, BgoFilter & PageQuery> = {
      all: { limit },
      "page-2": { limit, ...(first.nextCursor === null ? {} : { cursor: first.nextCursor }) },
      "by-status": { limit, statuses: ["running"] },
      "by-two-statuses": { limit, statuses: ["failed", "cancelled"] },
      "by-thread": { limit, threadId: threadIds[7] ?? "" },
      // Of one row in a thousand, and of none: the second must look at all of them.
      "by-text": { limit, text: "report 777" },
      "by-text-none": { limit, text: "nowhere to be found" },
    };
    for (const [name, query] of Object.entries(queries)) {
      const ms = await timesOf(bench.quick ? 30 : 100, () => listBgos(runtime.operations, caller, query));
      bench.report(figure(`list.p50.${name}`, percentile(ms, 0.5), "ms"));
      bench.report(figure(`list.p95.${name}`, percentile(ms, 0.95), "ms", { atMost: 50 }));
    }
  },
};

async function timesOf(count: number, look: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  const untilMs = performance.now() + 8000;
  for (let index = 0; index < count + 5 && performance.now() < untilMs; index += 1) {
    const beganMs = performance.now();
    await look();
    times.push(performance.now() - beganMs);
  }
  return times.slice(5);
}
