import type { FaultyChildren } from "./faulty-children.ts";
import type { SweepServer } from "./sweep-server.ts";

/** What all parts of the sweep work with. */
export interface SweepBench {
  readonly server: SweepServer;
  readonly children: FaultyChildren;
  readonly seed: number;
  readonly progress: (line: string) => void;
}
