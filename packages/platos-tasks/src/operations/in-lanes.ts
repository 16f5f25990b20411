import { isStoreFailure } from "../core/errors.ts";

export interface Lanes<Item> {
  /** Items that are worked on side by side: transactions leave connections to others. */
  readonly count: number;
  readonly work: (item: Item) => Promise<void>;
  /** Told of an item that failed; the others have their turn. */
  readonly onFailure: (item: Item, error: unknown) => void;
}

/**
 * Works on items in their order, a few at a time. One that waits for a lock holds up its own lane only. While the
 * database is away nothing goes on: that is thrown, but only once every lane has ended, so that whoever comes again
 * does not come on top of lanes that still wait.
 */
export async function inLanes<Item>(items: readonly Item[], lanes: Lanes<Item>): Promise<void> {
  const waiting = items.toReversed();
  const lane = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      try {
        await lanes.work(next);
      } catch (error) {
        if (isStoreFailure(error)) throw error;
        lanes.onFailure(next, error);
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes.count }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
