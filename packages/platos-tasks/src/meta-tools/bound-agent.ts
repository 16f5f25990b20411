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

/**
 * Who asks about a BGO, or stops it: an agent in a chat, which reaches those of its own threads, or a sub-agent, which
 * reaches what it has spawned only.
 */
export interface BoundReach extends Pick<BoundAgent, "operations" | "caller"> {
  readonly parentBgoId?: string;
}

/** A sub-agent at work on a BGO. */
export interface BoundSubAgent {
  readonly operations: OperationContext;
  readonly bgo: BgoRow;
  /** Whether its agent may spawn at all. */
  readonly maySpawn: boolean;
}
