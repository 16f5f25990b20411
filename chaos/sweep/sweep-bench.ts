import type { FaultyChildren } from "./faulty-children.ts";
import type { QuickPostgres } from "../harness/postgres/quick-postgres.ts";

/** What all parts of the sweep work with. */
export interface SweepBench {
  readonly postgres: QuickPostgres;
  readonly children: FaultyChildren;
  readonly seed: number;
  readonly progress: (line: string) => void;
}
