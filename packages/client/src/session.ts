/** Where a browser is signed in: the slugs of its environment. */
export interface Session {
  readonly org: string;
  readonly project: string;
  readonly env: string;
  /**
   * Cursor of the event log, taken before this answer: whoever reads snapshots after it and events from it on misses
   * nothing. Null when the server cannot tell.
   */
  readonly eventCursor: string | null;
}
