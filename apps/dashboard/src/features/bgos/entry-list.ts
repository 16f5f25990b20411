import type { Page } from "@platos-tasks/client";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";

/** A list that grows by pages, as its table needs it. */
export interface EntryList<Entry> {
  readonly entries: readonly Entry[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly refetch: () => void;
}

export function entryListOf<Entry>(query: UseInfiniteQueryResult<InfiniteData<Page<Entry>>>): EntryList<Entry> {
  return {
    entries: query.data?.pages.flatMap((page) => page.items) ?? [],
    isPending: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    loadMore: () => void query.fetchNextPage(),
    refetch: () => void query.refetch(),
  };
}
