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
  /** How deep in a chain of BGOs that woke one another the turn stands; 0 for a turn that a person opened. */
  readonly turnDepth: number;
  /** Set when a tool is called by a deprecated name. */
  readonly deprecatedAlias?: string;
}

/** A sub-agent at work on a BGO. */
export interface BoundSubAgent {
  readonly operations: OperationContext;
  readonly bgo: BgoRow;
}
