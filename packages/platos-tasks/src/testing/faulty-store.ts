import type { Store, Tx } from "../core/ports/store.ts";

/** What goes wrong with named transactions, and with the single statements that record a BGO's steps. */
export interface StoreFaults {
  /** Runs inside the transaction, after its work; throwing rolls it back. */
  readonly beforeCommit?: (name: string, tx: Tx) => Promise<void>;
  /** Runs when the commit is done; throwing is an acknowledgement that was lost. */
  readonly afterCommit?: (name: string) => Promise<void>;
}

/** A store whose transactions can be held or broken at their two ends. Recording a BGO's steps is named `record`. */
export function faultyStore(store: Store, faults: StoreFaults): Store {
  const { autocommit } = store;
  return {
    autocommit: {
      ...autocommit,
      journal: {
        ...autocommit.journal,
        async recordForBgo(...step) {
          await faults.beforeCommit?.("record", autocommit);
          const totals = await autocommit.journal.recordForBgo(...step);
          await faults.afterCommit?.("record");
          return totals;
        },
      },
    },
    async transaction(name, run) {
      const result = await store.transaction(name, async (tx) => {
        const done = await run(tx);
        await faults.beforeCommit?.(name, tx);
        return done;
      });
      await faults.afterCommit?.(name);
      return result;
    },
  };
}
