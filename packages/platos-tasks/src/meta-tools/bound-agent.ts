import type { BgoRow } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "../operations/context.ts";

/** The agent in whose hands a meta-tool is put: everything that is never an argument. */
export interface BoundAgent {
  readonly operations: OperationContext;
  readonly caller: Caller;
  /** The thread it speaks in. */
  readonly threadId: string;
  /** Of a chat turn. */
  readonly turnId: string | null;
}

/** A sub-agent at work on a BGO. */
export interface BoundSubAgent {
  readonly operations: OperationContext;
  readonly bgo: BgoRow;
}
