import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import type { Store, Tx } from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { PointKind } from "./failpoint.ts";
import type { CallErrors, FailpointGate } from "./failpoint-gate.ts";

export function storeUnavailable(): PlatosError {
  return new PlatosError("store.unavailable", "A failpoint took the database away.", { retryable: true });
}

/** A statement that commits by itself has one error for both: its caller cannot know. */
export const statementErrors: CallErrors = { refused: storeUnavailable, lost: storeUnavailable };

const transactionErrors: CallErrors = {
  refused: storeUnavailable,
  lost: () => new PlatosError("store.commit_unknown", "A failpoint kept the answer to a commit.", { retryable: true }),
};

/** Looks for due work. How often they come depends on the time alone, so they are no points. */
const polls: ReadonlySet<string> = new Set([
  "journal.takeDue",
  "journal.whatIsDue",
  "journal.listSuspects",
  "schedules.listDue",
  "schedules.listForgotten",
  "waitpoints.listDue",
]);

/**
 * A store whose transactions are points under their own names, its single statements under `group.method`, and the
 * statements within a transaction under `transaction/group.method`.
 */
export function failingStore(store: Store, gate: FailpointGate): Store {
  return {
    autocommit: failingTx(store.autocommit, { gate, kind: "statement", prefix: "" }),
    async transaction(name, run) {
      const notes: { foundNothing: boolean } = { foundNothing: false };
      let passage = null;
      const result = await store.transaction(name, async (tx) => {
        const failing = failingTx(tx, { gate, kind: "inner", prefix: `${name}/`, notes });
        const done = await run({ ...failing, lastly: (statements) => tx.lastly(statements) });
        if (!notes.foundNothing) {
          // One that the store tries again is one call.
          passage ??= gate.enter({ name, kind: "transaction" }, transactionErrors);
          await passage.before();
        }
        return done;
      });
      await (passage as { after(): Promise<void> } | null)?.after();
      return result;
    },
  };
}

interface TxOptions {
  readonly gate: FailpointGate;
  readonly kind: PointKind;
  readonly prefix: string;
  /** Told when a poll came back empty. */
  readonly notes?: { foundNothing: boolean };
}

function failingTx(tx: Tx, options: TxOptions): Tx {
  return {
    now: () => tx.now(),
    executeSql: tx.executeSql,
    agents: failingGroup("agents", tx.agents, options),
    threads: failingGroup("threads", tx.threads, options),
    messages: failingGroup("messages", tx.messages, options),
    turns: failingGroup("turns", tx.turns, options),
    bgos: failingGroup("bgos", tx.bgos, options),
    journal: failingGroup("journal", tx.journal, options),
    audit: failingGroup("audit", tx.audit, options),
    access: failingGroup("access", tx.access, options),
    waitpoints: failingGroup("waitpoints", tx.waitpoints, options),
    schedules: failingGroup("schedules", tx.schedules, options),
  };
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The same group of queries, each of them a point. Every member of a group is a method that returns a promise. */
function failingGroup<Group extends object>(group: string, queries: Group, options: TxOptions): Group {
  const methods = Object.entries(queries as Record<string, Method>).map(([method, call]): [string, Method] => {
    const name = `${group}.${method}`;
    if (polls.has(name)) return [method, (...args) => poll(() => call(...args), options)];
    const point = { name: options.prefix + name, kind: options.kind };
    return [method, (...args) => options.gate.pass(point, statementErrors, () => call(...args))];
  });
  return Object.fromEntries(methods) as Group;
}

async function poll(look: () => Promise<unknown>, { notes }: TxOptions): Promise<unknown> {
  const found = await look();
  if (notes !== undefined) notes.foundNothing = Array.isArray(found) && found.length === 0;
  return found;
}
