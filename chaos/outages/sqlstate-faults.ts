import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { RaceGround } from "../harness/race/race-ground.ts";
import type { Random } from "../harness/random.ts";
import type { CutOff } from "../harness/race/cut-off.ts";
import type { Asking, Told } from "./faulted-operations.ts";

/** What a fault happens to, and how often it did. */
export interface Struck {
  readonly ground: RaceGround;
  readonly process: CutOff;
  readonly random: Random;
  /** How many statements may pass before it. */
  readonly statements: number;
}

export interface Blow {
  readonly told: Told;
  /** How often it happened. */
  readonly hits: number;
}

/** Asks once while something is wrong. What it threw was told to nobody who may hear it. */
export type Fault = (asking: Asking, struck: Struck) => Promise<Blow>;

const longestDelayMs = 5;
const lockLookMs = 3;
const lockLooks = 300;

/** One statement fails, or everything from one on for as long as this is asked: then nothing within helps. */
function failing(sqlState: string, isFatal = false): Fault {
  return async (asking, { process, random, statements }) => {
    const first = random.index(statements);
    const isLasting = random.chance(0.3);
    let [seen, hits] = [0, 0];
    process.proxy.failStatements(() => {
      seen += 1;
      if (seen <= first || (hits > 0 && !isLasting)) return null;
      hits += 1;
      return { sqlState, isFatal };
    });
    try {
      return { told: await asking.ask(), hits };
    } finally {
      process.proxy.failStatements(null);
    }
  };
}

/** Every session is gone, and no new one is let in. */
const noSessions: Fault = async (asking, { process }) => {
  process.proxy.refuseSessions("53300");
  process.proxy.reset();
  try {
    return { told: await asking.ask(), hits: 1 };
  } finally {
    process.proxy.refuseSessions(null);
  }
};

/** It commits, and whoever asked for that never hears of it. */
const unheard: Fault = async (asking, { process }) => {
  const before = process.proxy.lostAcknowledgements;
  process.proxy.loseAcknowledgements(1, "commit");
  try {
    const told = await asking.ask();
    return { told, hits: process.proxy.lostAcknowledgements - before };
  } finally {
    process.proxy.loseAcknowledgements(0);
  }
};

/** Somebody with the right to it interrupts all sessions, from some time after it was asked on until one is hit. */
function interrupted(by: "pg_cancel_backend" | "pg_terminate_backend"): Fault {
  return async (asking, { ground, process, random }) => {
    const afterMs = random.between(0, longestDelayMs);
    let isOver = false;
    const strike = async (): Promise<number> => {
      await delay(afterMs);
      for (let hits = 0; !isOver;) {
        const struck = await ground.database.query(
          `select ${by}(pid) from pg_stat_activity where client_port = any($1) and (state <> 'idle' or $2)`,
          // Whoever does nothing cannot be cancelled.
          [process.proxy.ports, by === "pg_terminate_backend"],
        );
        hits += struck.length;
        if (hits > 0) return hits;
      }
      return 0;
    };
    const asked = asking.ask().finally(() => {
      isOver = true;
    });
    const [told, hits] = await Promise.all([asked, strike()]);
    return { told, hits };
  };
}

/** A row is held that it needs second, and the one that it holds first is waited for. */
const deadlocked: Fault = async (asking, { ground, process }) => {
  const { locks } = asking;
  if (locks === null) return { told: await asking.ask(), hits: 0 };
  const other = new pg.Client({ connectionString: ground.database.connectionString });
  await other.connect();
  try {
    await other.query("begin");
    await other.query("select id from platos.platos_tasks where id = $1 for update", [locks.bgoId]);
    const told = asking.ask();
    // Whoever fails before has nobody to wait for it yet.
    told.catch(() => undefined);
    await untilBlocked(ground, process);
    const hits = await other
      .query("select id from platos.threads where id = $1 for update", [locks.threadId])
      .then(() => 1)
      .catch(() => 0);
    await other.query("rollback");
    return { told: await told, hits };
  } finally {
    await other.end();
  }
};

async function untilBlocked(ground: RaceGround, process: CutOff): Promise<void> {
  for (let looks = 0; looks < lockLooks; looks += 1) {
    const blocked = await ground.database.query(
      "select pid from pg_stat_activity where client_port = any($1) and wait_event_type = 'Lock'",
      [process.proxy.ports],
    );
    if (blocked.length > 0) return;
    await delay(lockLookMs);
  }
}

/** By the figure that counts how often each happened. */
export const sqlstateFaults = {
  failed40001: failing("40001"),
  failed40P01: failing("40P01"),
  failed57014: failing("57014"),
  failed57P01: failing("57P01", true),
  failed25P03: failing("25P03", true),
  failed25006: failing("25006"),
  failed53100: failing("53100"),
  reset08006: failing("08006"),
  refused53300: noSessions,
  acknowledgementsLost: unheard,
  cancelledBackends: interrupted("pg_cancel_backend"),
  terminatedBackends: interrupted("pg_terminate_backend"),
  deadlocks: deadlocked,
} as const satisfies Readonly<Record<string, Fault>>;
