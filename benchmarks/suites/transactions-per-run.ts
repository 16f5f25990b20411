import type { ContenderName } from "../contenders/start-contender.ts";
import type { Bench } from "../harness/bench.ts";
import type { Work } from "../harness/work.ts";

/**
 * The slope between a short life of the contender's process and a longer one: what starting costs falls out, and the
 * counters are complete because the process has closed its connections.
 */
export async function transactionsPerRun(bench: Bench, name: ContenderName, work: Work): Promise<number> {
  const database = await bench.postgres.createDatabase();
  const countLife = async (runs: number): Promise<number> => {
    const before = await bench.postgres.transactions(database);
    const contender = await bench.start(name, { database, concurrency: work.concurrency });
    await contender.run({ ...work, runs });
    await contender.close();
    return (await bench.postgres.transactions(database)) - before;
  };
  // The first life makes the schema.
  await countLife(work.concurrency);
  const few = await countLife(work.concurrency);
  const many = await countLife(work.concurrency + work.runs);
  return (many - few) / work.runs;
}
