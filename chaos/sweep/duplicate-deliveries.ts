import { setTimeout as delay } from "node:timers/promises";
import { systemIdentity } from "../../packages/platos-tasks/src/system/system-identity.ts";
import type { OwnerKind } from "../../packages/platos-tasks/src/core/journal.ts";
import type { ExerciseReport } from "../exercise.ts";
import { Random } from "../harness/random.ts";
import { type Lane, openLane } from "./lane.ts";
import type { SweepBench } from "./sweep-bench.ts";
import { runTrial } from "./trial.ts";
import { workloadNames } from "./workload.ts";

const disturbances = 12;
const ownerKinds = { platos_bgo: "bgo", platos_turn: "turn" } as const satisfies Record<string, OwnerKind>;

/** F20: the engine delivers what is done, what is being done, and what never was a segment; nothing happens twice. */
export async function duplicateDeliveries(bench: SweepBench, rounds: number): Promise<ExerciseReport> {
  const lane = await openLane(bench.postgres);
  const alarms: string[] = [];
  const totals = { redeliveries: 0, strays: 0 };
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const workload of workloadNames) {
        const random = Random.of(bench.seed, "duplicate deliveries", round, workload);
        const child = bench.children.take();
        const disturb = async (): Promise<{ redeliveries: number }> => {
          const done = await disturbDeliveries(lane, random);
          totals.redeliveries += done.redeliveries;
          totals.strays += done.strays;
          return done;
        };
        const trial = `f20-${round}-${workload}`;
        alarms.push(...(await runTrial(lane, { trial, workload, failpoint: null, child, disturb })).alarms);
        bench.children.giveBack(child);
      }
    }
  } finally {
    await lane.close();
  }
  return { alarms, figures: { deliveredAgain: totals.redeliveries, strayDeliveries: totals.strays } };
}

async function disturbDeliveries(
  lane: Lane,
  random: Random,
): Promise<{ readonly redeliveries: number; readonly strays: number }> {
  let redeliveries = 0;
  let strays = 0;
  for (let count = 0; count < disturbances; count += 1) {
    await delay(random.between(5, 40));
    // A crash is counted for each that is taken from a live worker, and a BGO is given up at the fifth in a row.
    if (random.chance(0.25) && redeliveries < 3) redeliveries += await deliverAgain(lane);
    await deliverAgainWhatIsDone(lane);
    strays += await deliverStrays(lane);
  }
  return { redeliveries, strays };
}

/** The very job that somebody works on is given to somebody else as well. */
async function deliverAgain({ database }: Lane): Promise<number> {
  const { rowCount } = await database.query(
    `update pgboss.job set state = 'retry', start_after = now() where id in (
       select id from pgboss.job where state = 'active' and name like 'platos%' order by random() limit 1
     ) and state = 'active'`,
  );
  return rowCount ?? 0;
}

async function deliverAgainWhatIsDone({ database }: Lane): Promise<void> {
  await database.query(
    `update pgboss.job set state = 'retry', start_after = now(), completed_on = null where id in (
       select id from pgboss.job where state = 'completed' and name like 'platos%' order by random() limit 2
     ) and state = 'completed'`,
  );
}

/** A job for an owner whose row names another segment. */
async function deliverStrays({ control, database }: Lane): Promise<number> {
  const { rows } = await database.query<{ name: string; owner_id: string }>(
    `select name, data ->> 'ownerId' as owner_id from pgboss.job
     where state in ('created', 'active') and name like 'platos%' limit 1`,
  );
  const { engine, store } = control.operations;
  for (const { name, owner_id } of rows) {
    const ownerKind = ownerKinds[name as keyof typeof ownerKinds];
    await engine.enqueue(store.autocommit, { id: systemIdentity.newSegmentId(), ownerId: owner_id, ownerKind });
  }
  return rows.length;
}
