import type { Work } from "../harness/work.ts";

/** What the parent sends to a contender's process. */
export type ContenderRequest =
  | { readonly do: "run"; readonly work: Work }
  | { readonly do: "starts"; readonly count: number }
  /** CPU milliseconds of the process so far. */
  | { readonly do: "cpu" }
  | { readonly do: "close" };

export type ContenderReply = { readonly value: unknown } | { readonly error: string };
