import type { Database, Executor } from "../database.ts";

/** Something that must hold in the whole database at any moment, checked by looking for what breaks it. */
export interface Invariant {
  /** `I2`, `I3` …: stable, for reports. Several parts of one promise share an id. */
  readonly id: string;
  readonly sentence: string;
  /** What breaks it, one sentence per case, at most {@link maxViolations}; empty when it holds. Reads only. */
  violations(database: Executor): Promise<string[]>;
}

/** Whoever has this many has a systematic fault; more of them would not tell more. */
export const maxViolations = 50;

export interface QueryInvariant {
  readonly id: string;
  readonly sentence: string;
  /** Gives one column, `violation`. One statement sees one snapshot, so it may run while work goes on. */
  readonly text: string;
}

export function queryInvariant({ id, sentence, text }: QueryInvariant): Invariant {
  const limited = `select violation from (${text}) broken order by violation limit ${maxViolations}`;
  return {
    id,
    sentence,
    async violations(database) {
      const { rows } = await database.query<{ violation: string }>(limited);
      return rows.map((row) => row.violation);
    },
  };
}

/**
 * What breaks an invariant, looked for in one snapshot of the database and in a transaction that cannot write. Whole
 * tables are compared, so hashing in memory takes a fraction of the time that sorting would.
 */
export async function findViolations(database: Database, invariant: Invariant): Promise<string[]> {
  return database.transaction(async (tx) => {
    await tx.query("set transaction isolation level repeatable read, read only");
    await tx.query("set local work_mem = '64MB'");
    await tx.query("set local enable_mergejoin = off");
    return invariant.violations(tx);
  });
}

/** `'a', 'b'`: words of our own, never input. */
export function quotedList(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(", ");
}
