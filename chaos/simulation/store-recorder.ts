import type { TransactionEnd } from "./simulated-database.ts";

/** What happened in a simulated store, in the order in which it happened. */
export type StoreEvent =
  | {
      readonly kind: "statement";
      readonly transaction: number;
      /** Group and method of the port: `bgos.transition`. */
      readonly name: string;
      readonly args: readonly unknown[];
      readonly result: unknown;
    }
  | { readonly kind: TransactionEnd; readonly transaction: number }
  | { readonly kind: "clock jumped"; readonly ms: number };

export class StoreRecorder {
  readonly events: StoreEvent[] = [];
  #transactions = 0;

  newTransaction(): number {
    this.#transactions += 1;
    return this.#transactions;
  }
}
