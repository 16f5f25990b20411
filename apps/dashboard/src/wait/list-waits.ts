import type { Page, Waitpoint } from "@platos-tasks/client";
import type { UseQueryOptions } from "@tanstack/react-query";

import { api } from "../api.ts";
import type { LiveStore } from "../live/live-store.ts";

const most = 100;

/** Whether there are more than were read. */
export type WaitsQuery = UseQueryOptions<boolean> & { queryKey: string[] };

/** `GET /api/v1/waitpoints`: all open ones of the environment, into the live store. */
export function openWaitsQuery(store: LiveStore): WaitsQuery {
  return {
    queryKey: ["live", "open-waits"],
    queryFn: ({ signal }) => readWaits(store, api.waitpoints.list({ status: "open", limit: most, signal })),
  };
}

/** `GET /api/v1/waitpoints?thread=`: the newest of a thread, into the live store. */
export function threadWaitsQuery(store: LiveStore, threadId: string): WaitsQuery {
  return {
    queryKey: ["live", "thread-waits", threadId],
    queryFn: ({ signal }) => readWaits(store, api.waitpoints.list({ thread: threadId, limit: most, signal })),
  };
}

/** `GET /api/v1/waitpoints/{id}`: into the live store. */
export function waitQuery(store: LiveStore, waitpointId: string): WaitsQuery {
  return {
    queryKey: ["live", "wait", waitpointId],
    queryFn: async ({ signal }) => {
      const asOf = store.waitpoints.clock();
      store.waitpoints.putSnapshot([await api.waitpoints.get(waitpointId, { signal })], asOf);
      return false;
    },
  };
}

/** `GET /api/v1/platos-tasks/{id}/waits`: into the live store. `version` changes when they are to be read again. */
export function bgoWaitsQuery(store: LiveStore, bgoId: string, version: string): WaitsQuery {
  return {
    queryKey: ["live", "bgo-waits", bgoId, version],
    queryFn: ({ signal }) => readWaits(store, api.bgos.waits(bgoId, { signal })),
  };
}

async function readWaits(store: LiveStore, asked: Promise<Page<Waitpoint>>): Promise<boolean> {
  const asOf = store.waitpoints.clock();
  const { items, nextCursor } = await asked;
  store.waitpoints.putSnapshot(items, asOf);
  return nextCursor !== null;
}
