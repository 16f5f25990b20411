import type { Waitpoint } from "@platos-tasks/client";
import { useQuery } from "@tanstack/react-query";

import { useLive } from "../live/live-context.ts";
import { useRow } from "../live/use-rows.ts";
import { threadWaitsQuery, waitQuery } from "./list-waits.ts";

export interface WaitLookup {
  readonly waitpoint: Waitpoint | undefined;
  readonly error: Error | null;
}

/** The live row of a wait of a thread. One that the thread's list does not reach back to is read alone. */
export function useWait(waitpointId: string, threadId: string): WaitLookup {
  const { store } = useLive();
  const waitpoint = useRow(store.waitpoints, waitpointId);
  const list = useQuery(threadWaitsQuery(store, threadId));
  const isMissing = waitpoint === undefined && !list.isPending;
  const query = useQuery({ ...waitQuery(store, waitpointId), enabled: isMissing });
  return { waitpoint, error: waitpoint === undefined ? query.error : null };
}
