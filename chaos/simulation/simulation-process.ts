import { type Exploration, explore, type ExploreOptions } from "./explore.ts";
import { takeOutTimeAndChance } from "./without-chance.ts";
import { PostgresReplay } from "./replay-on-postgres.ts";

// One of the processes among which a simulation is shared out. It is told what to do in its one argument.

export type ProcessOrder = Omit<ExploreOptions, "replay" | "onFailure"> & { readonly connectionString: string };

export type ProcessMessage =
  | { readonly kind: "failure"; readonly sentence: string }
  | { readonly kind: "found"; readonly found: Exploration };

const order = JSON.parse(process.argv[2] ?? "") as ProcessOrder;
takeOutTimeAndChance();
// Faults are thrown by the thousand; nobody reads where.
Error.stackTraceLimit = 0;
const replay = await PostgresReplay.open(order.connectionString);
const found = await explore({
  ...order,
  replay: (events) => replay.run(events),
  onFailure: (sentence) => process.send?.({ kind: "failure", sentence } satisfies ProcessMessage),
});
await replay.close();
process.send?.({ kind: "found", found } satisfies ProcessMessage, () => process.exit(0));
