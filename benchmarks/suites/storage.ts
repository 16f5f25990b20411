import pg from "pg";
import type { Bench, Benchmark } from "../harness/bench.ts";
import { figure } from "../harness/figure.ts";
import { progress } from "../harness/progress.ts";

const answerBytes = 4096;

/** Bytes on disk that one long run leaves behind, for each byte that its model has said. */
export const storage: Benchmark = {
  name: "storage",
  limitMs: 60_000,
  async run(bench) {
    const platos50 = await storedBytes(bench, "platos", 50);
    const platos100 = await storedBytes(bench, "platos", 100);
    const bare100 = await storedBytes(bench, "bare", 100);
    bench.report(
      figure("storage.stored-to-transcript.platos-100-turns", platos100 / (100 * answerBytes), "x", { atMost: 2 }),
      figure("storage.stored-to-transcript.platos-50-turns", platos50 / (50 * answerBytes), "x", { atMost: 2 }),
      // Linear growth is 2; a transcript that is stored anew at each step would give 4.
      figure("storage.growth.platos-100-to-50-turns", platos100 / platos50, "x", { atMost: 2.2 }),
      figure("storage.stored.platos-100-turns", platos100 / 1024, "KiB"),
      figure("storage.stored.bare-100-turns", bare100 / 1024, "KiB"),
    );
  },
};

async function storedBytes(bench: Bench, name: "platos" | "bare", turns: number): Promise<number> {
  progress(`storage: ${name}, ${turns} turns`);
  const database = await bench.postgres.createDatabase();
  const contender = await bench.start(name, { database, concurrency: 1 });
  const work = { runs: 1, concurrency: 1, modelDelayMs: 0, answerBytes };
  // A first run makes the first page of every index.
  await contender.run({ ...work, turns: 2 });
  const before = await bytesIn(database.connectionString);
  await contender.run({ ...work, turns });
  await contender.close();
  return (await bytesIn(database.connectionString)) - before;
}

/** All tables with their indexes and out-of-line values, after vacuum. */
async function bytesIn(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query("vacuum");
  const { rows } = await client.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(c.oid)) as bytes from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('platos', 'pgboss', 'public') and c.relkind in ('r', 'm')`,
  );
  await client.end();
  return Number(rows[0]?.bytes);
}
