import { useCallback, useMemo, useSyncExternalStore } from "react";

import type { Row, RowStore } from "./row-store.ts";

/** One row; only its own changes draw the caller again. */
export function useRow<Stored extends Row>(store: RowStore<Stored>, id: string): Stored | undefined {
  const subscribe = useCallback((listener: () => void) => store.subscribeRow(id, listener), [store, id]);
  return useSyncExternalStore(subscribe, () => store.get(id));
}

/**
 * A list worked out of all rows; worked out again when a row comes, goes or changes its shape, or when `select` does
 * (keep it stable).
 */
export function useRows<Stored extends Row, Result>(
  store: RowStore<Stored>,
  select: (rows: readonly Stored[]) => Result,
): Result {
  const version = useSyncExternalStore(store.subscribeShape, store.shapeVersion);
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the version stands for the store's contents
  return useMemo(() => select(store.all()), [store, select, version]);
}
