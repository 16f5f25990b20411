import type { OwnerKind } from "../journal.ts";
import type { SqlExecutor } from "./store.ts";

/** One delivery of a BGO or a turn, from claim to finish or suspension. */
export interface Segment {
  /** UUID; also the engine's job id. */
  readonly id: string;
  readonly ownerId: string;
  readonly ownerKind: OwnerKind;
}

export interface EngineRunView {
  readonly segmentId: string;
  readonly state: "queued" | "active" | "done" | "lost" | "unknown";
}

export interface DeliveryControls {
  /** Aborted when the segment is no longer ours: its lease was lost, or a cancel arrived. Write nothing more. */
  readonly signal: AbortSignal;
  /** Aborted when the engine stops: finish the step at hand, give the segment back, return. */
  readonly stopping: AbortSignal;
  /** Aborted when half the time to stop is over: break off the step at hand. */
  readonly hurrying: AbortSignal;
  /**
   * Asks the queue whether this delivery still has its lease, and renews it if so. The signals may be late: a process
   * that was frozen learns from them only seconds after it has gone on.
   */
  holdsLease(): Promise<boolean>;
  /**
   * Before something that costs money or is seen outside: as `holdsLease`, but asks only when the lease was last confirmed
   * some seconds ago. Rejects with `segment.superseded` when it is lost.
   */
  confirmLease(): Promise<void>;
  /** Marks the segment done in the given transaction, so that it commits together with the row's transition. */
  complete(tx: SqlExecutor): Promise<void>;
}

export type SegmentHandler = (segment: Segment, controls: DeliveryControls) => Promise<void>;

/**
 * Delivers due segments to workers at least once, with leases. It knows nothing of outcomes: rows do. A handler that
 * returns without having completed its segment leaves it to be delivered again.
 */
export interface Engine {
  readonly name: string;
  /** Hands over segments that are due now, in the caller's transaction. */
  enqueue(tx: SqlExecutor, ...segments: readonly Segment[]): Promise<void>;
  /** A hint that a segment is waiting, after commit. Losing it costs a polling interval, nothing more. */
  wake(ownerKind: OwnerKind): void;
  /** Takes segments back, in the caller's transaction: a handler's signal is aborted within seconds of the commit. */
  cancel(tx: SqlExecutor, ...segments: readonly Segment[]): Promise<void>;
  /** A hint, after the commit of a cancel, to abort at once. Losing it costs a heartbeat, nothing more. */
  interrupt(segment: Segment): void;
  /** Begins to take segments. Resolves once deliveries may happen. */
  start(handler: SegmentHandler): Promise<void>;
  /** Takes no more, aborts the signals, waits up to `graceMs` for handlers to return. */
  stop(options: { readonly graceMs: number }): Promise<void>;
  describe(segment: Segment): Promise<EngineRunView>;
}
