import type { UseQueryOptions } from "@tanstack/react-query";

import { api } from "../api.ts";
import type { LiveStore } from "../live/live-store.ts";

/** `GET /api/v1/platos-tasks/{id}`: into the live store; the query itself keeps only the id. */
export function getBgoQuery(store: LiveStore, bgoId: string): UseQueryOptions<string> & { queryKey: string[] } {
  return {
    queryKey: ["live", "bgo", bgoId],
    queryFn: async ({ signal }) => {
      const asOf = store.bgos.clock();
      store.bgos.putSnapshot([await api.bgos.get(bgoId, { signal })], asOf);
      return bgoId;
    },
  };
}
