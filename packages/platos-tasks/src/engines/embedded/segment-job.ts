/** A segment as the queue hands it out. */
export interface SegmentJob {
  readonly id: string;
  /** Which delivery of the job this is; settles and heartbeats of an earlier one are refused. */
  readonly retryCount: number;
  readonly data: { readonly ownerId: string };
}
