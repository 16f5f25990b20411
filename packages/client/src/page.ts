/** One page of a list. An empty page with a cursor is not the end; `nextCursor: null` is. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; bound to the filters it was given out with. */
  readonly nextCursor: string | null;
}
