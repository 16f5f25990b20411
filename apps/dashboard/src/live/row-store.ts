export interface Row {
  readonly id: string;
}

/** Runs `flush` once, soon: with the next frame in a page, at once in a test. */
export type FrameScheduler = (flush: () => void) => void;

export interface RowStoreOptions<Stored extends Row> {
  readonly schedule: FrameScheduler;
  /** True when `next` tells of an earlier state than `known`. */
  readonly isOlder?: (known: Stored, next: Stored) => boolean;
  /** What lists look at: a list is worked out again only when this changes for some row. */
  readonly shapeOf: (row: Stored) => string;
}

/**
 * Rows by id. A component listens to one row; a list listens to membership. Changes are told once per frame, so a
 * hundred events in a frame cost one repaint of the rows they touched.
 */
export class RowStore<Stored extends Row> {
  readonly #options: RowStoreOptions<Stored>;
  readonly #rows = new Map<string, Stored>();
  /** When each row was last changed by an event, on the store's own clock. */
  readonly #changedAt = new Map<string, number>();
  readonly #rowListeners = new Map<string, Set<() => void>>();
  readonly #shapeListeners = new Set<() => void>();
  readonly #dirty = new Set<string>();
  #clock = 0;
  #shapeVersion = 0;
  #shapeDirty = false;
  #scheduled = false;

  constructor(options: RowStoreOptions<Stored>) {
    this.#options = options;
  }

  readonly get = (id: string): Stored | undefined => this.#rows.get(id);

  readonly shapeVersion = (): number => this.#shapeVersion;

  all(): Stored[] {
    return [...this.#rows.values()];
  }

  /** To be read before a snapshot is asked for; see {@link putSnapshot}. */
  clock(): number {
    return this.#clock;
  }

  /** A row as the event log tells it, in the log's order. False when it was older than what is known. */
  put(row: Stored): boolean {
    const known = this.#rows.get(row.id);
    if (known !== undefined && this.#options.isOlder?.(known, row) === true) return false;
    this.#clock += 1;
    this.#changedAt.set(row.id, this.#clock);
    this.#set(known, row);
    return true;
  }

  /** Rows as read at some time after `asOf`: a row that an event has changed since keeps what the event said. */
  putSnapshot(rows: Iterable<Stored>, asOf: number): void {
    for (const row of rows) {
      const known = this.#rows.get(row.id);
      if ((this.#changedAt.get(row.id) ?? 0) > asOf) continue;
      if (known !== undefined && this.#options.isOlder?.(known, row) === true) continue;
      this.#set(known, row);
    }
  }

  delete(id: string): void {
    if (!this.#rows.delete(id)) return;
    this.#changedAt.delete(id);
    this.#shapeDirty = true;
    this.#touch(id);
  }

  subscribeRow(id: string, listener: () => void): () => void {
    const listeners = this.#rowListeners.get(id) ?? new Set();
    this.#rowListeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#rowListeners.get(id) === listeners) this.#rowListeners.delete(id);
    };
  }

  readonly subscribeShape = (listener: () => void): (() => void) => {
    this.#shapeListeners.add(listener);
    return () => this.#shapeListeners.delete(listener);
  };

  #set(known: Stored | undefined, row: Stored): void {
    this.#rows.set(row.id, row);
    const { shapeOf } = this.#options;
    if (known === undefined || shapeOf(known) !== shapeOf(row)) this.#shapeDirty = true;
    this.#touch(row.id);
  }

  #touch(id: string): void {
    this.#dirty.add(id);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.schedule(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const ids = [...this.#dirty];
    this.#dirty.clear();
    for (const id of ids) for (const listener of this.#rowListeners.get(id) ?? []) listener();
    if (!this.#shapeDirty) return;
    this.#shapeDirty = false;
    this.#shapeVersion += 1;
    for (const listener of this.#shapeListeners) listener();
  }
}
