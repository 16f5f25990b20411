import { PgBoss } from "pg-boss";
import type { Log } from "../../core/ports/log.ts";
import type { OwnerKind } from "../../core/journal.ts";
import type { Database } from "../../store/database.ts";

export const queueOf = { bgo: "platos_bgo", turn: "platos_turn" } as const satisfies Record<OwnerKind, string>;

/** A worker that says nothing for this long has lost its segments (the least that pg-boss takes). */
const leaseSeconds = 10;
const daySeconds = 86_400;
// Any fixed number that no other lock of ours has.
const installLock = 7_263_903;
const nilUuid = "00000000-0000-0000-0000-000000000000";

const queueOptions = {
  // Our rows alone count attempts and crashes: a job is delivered again for as long as its row wants it.
  retryLimit: 1_000_000,
  retryDelay: 0,
  retryBackoff: false,
  heartbeatSeconds: leaseSeconds,
  // The longest a job may be active at a stretch, and the longest pg-boss allows.
  expireInSeconds: daySeconds - 1,
  retentionSeconds: 365 * daySeconds,
  deleteAfterSeconds: 600,
} as const;

export interface BossOptions {
  readonly database: Database;
  readonly log: Log;
  /** Whether this process keeps the queue in order; those that only enqueue need not. */
  readonly supervises: boolean;
}

/** pg-boss on our own pool, installed, with its two queues made. */
export async function startBoss({ database, log, supervises }: BossOptions): Promise<PgBoss> {
  const boss = new PgBoss({
    db: {
      executeSql: async (text, values) => ({
        // Its installation is a script of many statements, which cannot be prepared.
        rows:
          values === undefined || values.length === 0
            ? await runScript(database, text)
            : await run(database, text, values),
      }),
    },
    schema: "pgboss",
    supervise: supervises,
    schedule: false,
    // Workers with free slots take lost leases themselves, and sooner: this is for what they leave.
    superviseIntervalSeconds: 30,
    // Less than the pass: one that comes a moment early must not be skipped.
    monitorIntervalSeconds: 20,
    maintenanceIntervalSeconds: 300,
    queueCacheIntervalSeconds: 60,
    bamIntervalSeconds: 300,
    flowIntervalSeconds: 300,
    monitorVacuum: false,
  });
  boss.on("error", (error) => log.warn("the queue had an error and goes on", { error: error.message }));
  boss.on("warning", (warning) => log.debug(warning.message));
  // Of processes that start at once one installs; pg-boss itself lets them fall over each other.
  try {
    await database.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1)", [installLock]);
      await boss.start();
      // It remembers those that were there when it started.
      const known = new Set((await boss.getQueues()).map(({ name }) => name));
      for (const queue of Object.values(queueOf).filter((name) => !known.has(name))) {
        await boss.createQueue(queue, queueOptions);
        await describeQueue(boss, queue);
      }
    });
  } catch (error) {
    // Its timers may run by now.
    await boss.stop({ graceful: false });
    throw error;
  }
  return boss;
}

/**
 * Makes pg-boss remember the queue. Its first use would otherwise ask for it on a connection of its own, from within
 * the transactions of those who enqueue: a burst of them would hold every connection and wait for one more.
 */
async function describeQueue(boss: PgBoss, queue: string): Promise<void> {
  await boss.findJobs(queue, { id: nilUuid });
}

async function run(database: Database, text: string, values: readonly unknown[]): Promise<Record<string, unknown>[]> {
  return (await database.query<Record<string, unknown>>(text, values)).rows;
}

async function runScript(database: Database, text: string): Promise<Record<string, unknown>[]> {
  return database.runScript(text);
}
