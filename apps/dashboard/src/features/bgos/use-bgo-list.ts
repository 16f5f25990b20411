import type { Bgo } from "@platos-tasks/client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { useAgents } from "../../agent/list-agents.ts";
import { listBgos } from "../../bgo/list-bgos.ts";
import { useLive } from "../../live/live-context.ts";
import { useRows } from "../../live/use-rows.ts";
import { useNeedsYou } from "../../wait/use-needs-you.ts";
import { filtersOf, matchesSearch, staysInSearch } from "./bgo-search.ts";
import type { BgoSearch } from "./bgo-search.ts";
import { useLingering } from "./use-lingering.ts";
import { visibleBgos } from "./visible-bgos.ts";
import type { VisibleBgos } from "./visible-bgos.ts";

const pageSize = 50;
const noIds: ReadonlySet<string> = new Set();
const nothing: VisibleBgos = { ids: [], heldBack: 0, top: null };

export interface BgoList extends VisibleBgos {
  readonly lingering: ReadonlySet<string>;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
  readonly refetch: () => void;
}

/** The filtered list: pages from the server for what was, events for what is. */
export function useBgoList(search: BgoSearch, ceiling: string | null): BgoList {
  const { store } = useLive();
  const query = useInfiniteQuery({
    queryKey: ["live", "bgos", search],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam === "" ? undefined : pageParam;
      return listBgos(store, { filters: filtersOf(search, Date.now()), limit: pageSize, cursor, signal });
    },
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const listed = useMemo(() => new Set(query.data?.pages.flatMap((page) => page.ids)), [query.data]);
  const agentIds = useAgentIds(search.agent);
  const { bgoIds: needing } = useNeedsYou();
  const hasMore = query.hasNextPage;
  const select = useCallback(
    (lingering: ReadonlySet<string>) => (bgos: readonly Bgo[]) =>
      visibleBgos(bgos, {
        listed,
        hasMore,
        matches: (bgo) => matchesSearch(bgo, search, { agentIds, needing }),
        stays: (bgo) => staysInSearch(bgo, search, { needing }),
        lingering,
        ceiling,
      }),
    [listed, hasMore, search, agentIds, needing, ceiling],
  );
  const matching = useRows(
    store.bgos,
    useMemo(() => select(noIds), [select]),
  );
  const lingering = useLingering(matching.ids, listed);
  const rows = useRows(
    store.bgos,
    useMemo(() => select(lingering), [select, lingering]),
  );
  return {
    ...(query.isPending ? nothing : rows),
    lingering,
    isPending: query.isPending,
    error: query.error,
    hasMore,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    refetch: () => void query.refetch(),
  };
}

function useAgentIds(agent: string | undefined): ReadonlySet<string> {
  const { data } = useAgents();
  return useMemo(
    () => new Set(data?.filter(({ id, slug }) => id === agent || slug === agent).map(({ id }) => id)),
    [data, agent],
  );
}
