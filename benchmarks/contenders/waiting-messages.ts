import type { WaitingKind } from "../harness/waiting-work.ts";

/** What the parent asks of a server or a worker of the product that it measures with waits. */
export type WaitingRequest =
  /** Spawns BGOs that will wait, each in a thread of its own; their marks are `<kind><from>` and so on. */
  | { readonly do: "spawn"; readonly kind: WaitingKind; readonly from: number; readonly count: number }
  /** Spawns BGOs of one model call, far ahead in time. */
  | { readonly do: "schedule"; readonly count: number }
  /** Answers what a BGO waits for; gives the moment of the commit, in nanoseconds of the monotonic clock, as text. */
  | { readonly do: "answer"; readonly bgoId: string }
  /** After a garbage collection: gives a {@link MemoryReport}. */
  | { readonly do: "memory" }
  /** CPU milliseconds of the process so far. */
  | { readonly do: "cpu" }
  | { readonly do: "close" };

/** Bytes of a process. */
export interface MemoryReport {
  /** Objects and buffers that something still refers to. */
  readonly live: number;
  /** What the process has of the machine: also what was freed and is kept for later. */
  readonly resident: number;
}
