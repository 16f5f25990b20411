import type { TransactionEnd } from "./simulated-database.ts";

/** What happened in a simulated store, in the order in which it happened. */
export type StoreEvent =
  | {
      readonly kind: "statement";
      readonly transaction: number;
      /** The process that asked. */
      readonly fiber: string;
      /** Group and method of the port: `bgos.transition`. */
      readonly name: string;
      readonly args: readonly unknown[];
      readonly result: unknown;
    }
  | { readonly kind: TransactionEnd; readonly transaction: number }
  | { readonly kind: "clock jumped"; readonly ms: number };

/** Statements that only a worker makes, or that mostly a worker makes. */
const fenced = new Set([
  "journal.recordForBgo",
  "journal.recordForTurn",
  "turns.finish",
  "turns.release",
  "bgos.annotate",
]);

export class StoreRecorder {
  readonly events: StoreEvent[] = [];
  #transactions = 0;

  /** Whether somebody wrote under an epoch that no longer held the row. */
  get hasRefusedWorker(): boolean {
    return this.events.some(
      (event) =>
        event.kind === "statement" && fenced.has(event.name) && (event.result === null || event.result === false),
    );
  }

  newTransaction(): number {
    this.#transactions += 1;
    return this.#transactions;
  }
}
