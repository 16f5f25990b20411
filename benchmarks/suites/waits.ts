import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { Database } from "../../packages/platos-tasks/src/store/database.ts";
import { findViolations } from "../../packages/platos-tasks/src/store/invariants/invariant.ts";
import { invariants } from "../../packages/platos-tasks/src/store/invariants/invariants.ts";
import { sealAudit } from "../../packages/platos-tasks/src/testing/seal-audit.ts";
import { startWaitingProcess, type WaitingProcess } from "../contenders/start-waiting-process.ts";
import type { MemoryReport } from "../contenders/waiting-messages.ts";
import type { Bench, Benchmark } from "../harness/bench.ts";
import { type Figure, figure } from "../harness/figure.ts";
import type { BenchDatabase } from "../harness/postgres-server.ts";
import { startProduct } from "../harness/product.ts";
import { progress } from "../harness/progress.ts";
import { firstCallAt } from "../harness/start-model-stub.ts";
import { median, percentile } from "../harness/statistics.ts";
import { type WaitingKind, waitingKinds } from "../harness/waiting-work.ts";
import { copyParked } from "./copy-parked.ts";

const concurrency = 50;
const lookEveryMs = 200;
const megabyte = 2 ** 20;

interface Sizes {
  /** BGOs that wait, in all. */
  readonly waits: number;
  /** Of these, parked by suspensions of their own; the rest are copies of their rows. */
  readonly parkedForReal: number;
  readonly wakes: number;
  readonly idleMs: number;
  /** Before memory is looked at. */
  readonly settleMs: number;
}

interface Parked {
  readonly database: BenchDatabase;
  readonly client: pg.Client;
  readonly server: WaitingProcess;
  readonly worker: WaitingProcess;
  readonly sizes: Sizes;
}

/** Many BGOs that wait for a reply, an answer from outside or a time in sixty days: what they cost and how they wake. */
export const waits: Benchmark = {
  name: "waits",
  limitMs: 1_500_000,
  async run(bench) {
    const count = bench.count ?? (bench.quick ? 5000 : 100_000);
    const sizes: Sizes = {
      waits: count,
      parkedForReal: Math.min(count, bench.quick ? 900 : 3000),
      wakes: bench.quick ? 60 : 200,
      idleMs: bench.quick ? 10_000 : 25_000,
      settleMs: bench.quick ? 10_000 : 40_000,
    };
    const database = await bench.postgres.createDatabase();
    const client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    bench.atEnd(() => client.end());
    const server = await startWaitingProcess(bench, { role: "server", database, concurrency });
    const worker = await startWaitingProcess(bench, { role: "worker", database, concurrency });
    const parked: Parked = { database, client, server, worker, sizes };
    await park(bench, parked);
    await measureIdle(bench, parked);
    await measureWakes(bench, parked);
    await expectOrder(database);
    await server.close();
    await worker.close();
    await measureRestart(bench, database);
  },
};

/** Fills it, and says how much memory and disk each wait takes. */
async function park(bench: Bench, of: Parked): Promise<void> {
  const { sizes, client, server } = of;
  const each = Math.ceil(sizes.parkedForReal / waitingKinds.length);
  progress(`waits: parking ${each * waitingKinds.length} for real, a third for each of ${waitingKinds.join(", ")}`);
  const beganMs = performance.now();
  for (const kind of waitingKinds) await server.ask({ do: "spawn", kind, from: 0, count: each });
  await allWait(client, each * waitingKinds.length);
  const seconds = (performance.now() - beganMs) / 1000;
  await tidy(of);
  const before = await memories(of, sizes.settleMs);
  const bytesBefore = await databaseBytes(client);
  const copies = Math.max(0, sizes.waits - each * waitingKinds.length);
  progress(`waits: copying their rows ${copies} times`);
  await copyParked(client, copies);
  await tidy(of);
  const bytes = (await databaseBytes(client)) - bytesBefore;
  const after = await memories(of, sizes.settleMs);
  bench.report(
    figure("waits.parked", await countWaiting(client), "waits"),
    figure("waits.parked-for-real", each * waitingKinds.length, "waits"),
    figure("waits.parked-per-s", (each * waitingKinds.length) / seconds, "1/s"),
    ...figuresOfMemory("server", before.server, after.server),
    ...figuresOfMemory("worker", before.worker, after.worker),
    figure("waits.bytes-per-wait", bytes / Math.max(1, copies), "bytes"),
  );
}

/** After a while in which what is periodic has run several times. */
async function memories(
  { server, worker }: Parked,
  settleMs: number,
): Promise<{ readonly server: MemoryReport; readonly worker: MemoryReport }> {
  await delay(settleMs);
  return {
    server: (await server.ask({ do: "memory" })) as MemoryReport,
    worker: (await worker.ask({ do: "memory" })) as MemoryReport,
  };
}

/** Waits that were kept in memory would be live; what is resident also shrinks and grows for reasons of its own. */
function figuresOfMemory(who: "server" | "worker", before: MemoryReport, after: MemoryReport): Figure[] {
  const grown = (of: keyof MemoryReport): number => (after[of] - before[of]) / megabyte;
  return [
    figure(`waits.memory-growth.${who}`, grown("live"), "MB", { atMost: 20 }),
    figure(`waits.memory.${who}`, after.live / megabyte, "MB"),
    figure(`waits.resident-growth.${who}`, grown("resident"), "MB", { atMost: 20 }),
    figure(`waits.resident.${who}`, after.resident / megabyte, "MB"),
  ];
}

async function countWaiting(client: pg.Client): Promise<number> {
  const text = "select count(*)::int as count from platos.platos_tasks where status = 'waiting'";
  return (await client.query<{ count: number }>(text)).rows[0]?.count ?? 0;
}

async function allWait(client: pg.Client, count: number): Promise<void> {
  while ((await countWaiting(client)) < count) await delay(lookEveryMs);
}

/** What is done after any change: the audit is sealed, the tables are vacuumed. */
async function tidy({ database, client }: Parked): Promise<void> {
  await withDatabase(database, sealAudit);
  await client.query("vacuum analyze");
  await client.query("checkpoint");
}

async function withDatabase<Result>(
  { connectionString }: BenchDatabase,
  use: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = new Database({ connectionString, poolSize: 2, log: silentLog });
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

async function databaseBytes(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>("select pg_database_size(current_database()) as bytes");
  return Number(rows[0]?.bytes);
}

/** What the database and the processes do while everything waits. */
async function measureIdle(bench: Bench, of: Parked): Promise<void> {
  progress("waits: idle");
  const { database, sizes } = of;
  const used = async (): Promise<{ readonly cpuMs: number; readonly done: number }> => ({
    cpuMs: ((await of.server.ask({ do: "cpu" })) as number) + ((await of.worker.ask({ do: "cpu" })) as number),
    done: await bench.postgres.transactions(database),
  });
  const before = await used();
  const beganMs = performance.now();
  await delay(sizes.idleMs);
  const after = await used();
  const ms = performance.now() - beganMs;
  bench.report(
    figure("waits.idle.transactions-per-s", (after.done - before.done) / (ms / 1000), "tx/s", { atMost: 25 }),
    figure("waits.idle.cpu", (100 * (after.cpuMs - before.cpuMs)) / ms, "% of a core", { atMost: 5 }),
  );
}

/** From the commit of an answer to the next request at the model. */
async function measureWakes(bench: Bench, of: Parked): Promise<void> {
  for (const kind of ["token", "reply"] as const) {
    progress(`waits: waking ${of.sizes.wakes} that wait for a ${kind}`);
    const times: number[] = [];
    for (const { id, mark } of await chosen(of, kind)) {
      const answeredAt = BigInt((await of.server.ask({ do: "answer", bgoId: id })) as string);
      times.push(Number((await firstCallAt(bench.modelUrl, mark)) - answeredAt) / 1e6);
      await delay(100);
    }
    bench.report(
      figure(`waits.wake-p50.${kind}`, percentile(times, 0.5), "ms", { atMost: 50 }),
      figure(`waits.wake-p99.${kind}`, percentile(times, 0.99), "ms", { atMost: 250 }),
    );
  }
}

async function chosen(
  { client, sizes }: Parked,
  kind: WaitingKind,
): Promise<readonly { readonly id: string; readonly mark: string }[]> {
  const { rows } = await client.query<{ id: string; mark: string }>(
    `select b.id, substring(b.prompt from '#(\\w+)#') as mark
     from platos.platos_tasks b join platos.waitpoints w on w.owner_id = b.id
     where w.status = 'open' and w.kind = $1 order by random() limit $2`,
    [kind, sizes.wakes],
  );
  return rows;
}

/** Copied rows prove nothing unless they are what suspensions would have left. */
async function expectOrder(of: BenchDatabase): Promise<void> {
  progress("waits: checking every invariant");
  await withDatabase(of, async (database) => {
    await sealAudit(database);
    for (const invariant of invariants) {
      const violations = await findViolations(database, invariant);
      if (violations.length > 0) {
        throw new Error(`The database is not in order: ${invariant.id}: ${JSON.stringify(violations).slice(0, 1000)}`);
      }
    }
  });
}

async function measureRestart(bench: Bench, database: BenchDatabase): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round <= (bench.quick ? 1 : 3); round += 1) {
    progress(round === 0 ? "waits: first boot, not counted" : `waits: restart ${round}`);
    const beganMs = performance.now();
    const product = await startProduct(bench, { DATABASE_URL: database.connectionString });
    if (round > 0) times.push(performance.now() - beganMs);
    await product.close();
  }
  bench.report(figure("waits.restart-to-ready", median(times) / 1000, "s", { atMost: 5 }));
}
