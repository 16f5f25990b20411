import { activeStatuses, isTerminal } from "@platos-tasks/client";
import type { Bgo } from "@platos-tasks/client";
import { useQuery } from "@tanstack/react-query";

import { useLive } from "../live/live-context.ts";
import { useRows } from "../live/use-rows.ts";
import { listBgos } from "./list-bgos.ts";

const mostCounted = 100;

export interface ActiveBgoCount {
  readonly count: number;
  /** True when there are more than were counted. */
  readonly more: boolean;
}

/** How many BGOs of the environment have not ended; read once, then kept by events. Null until it is known. */
export function useActiveBgoCount(): ActiveBgoCount | null {
  const { store } = useLive();
  const { data } = useQuery({
    queryKey: ["live", "active-bgos"],
    queryFn: ({ signal }) => listBgos(store, { filters: { status: activeStatuses }, limit: mostCounted, signal }),
  });
  const count = useRows(store.bgos, countActive);
  return data === undefined ? null : { count, more: data.nextCursor !== null };
}

function countActive(bgos: readonly Bgo[]): number {
  return bgos.filter((bgo) => !isTerminal(bgo.status)).length;
}
