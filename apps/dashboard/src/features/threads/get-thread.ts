import type { Thread } from "@platos-tasks/client";
import { useQuery } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";

import { api } from "../../api.ts";
import { useLive } from "../../live/live-context.ts";

/** `GET /api/v1/threads/{id}`; its newest turn goes into the live store. */
export function useThread(threadId: string): UseQueryResult<Thread> {
  const { store } = useLive();
  return useQuery({
    queryKey: ["live", "thread", threadId],
    queryFn: async ({ signal }) => {
      const asOf = store.turns.clock();
      const thread = await api.threads.get(threadId, { signal });
      if (thread.latestTurn !== null) store.turns.putSnapshot([thread.latestTurn], asOf);
      return thread;
    },
  });
}
