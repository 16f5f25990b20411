import type { Waitpoint } from "@platos-tasks/client";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { useLive } from "../../live/live-context.ts";
import { useRows } from "../../live/use-rows.ts";
import { threadWaitsQuery } from "../../wait/list-waits.ts";
import { needsYouOf, nextQuestion, turnApprovals } from "../../wait/needs-you.ts";

/** What a thread waits for its reader with. */
export interface ThreadWaits {
  /** What the next message answers; null when it goes to the agent alone. */
  readonly question: Waitpoint | null;
  /** What the agent's own answer waits for. */
  readonly approvals: readonly Waitpoint[];
  /** Ids of the BGOs that wait for the reader. */
  readonly needing: ReadonlySet<string>;
}

/** Read once, then kept by events. */
export function useThreadWaits(threadId: string): ThreadWaits {
  const { store } = useLive();
  useQuery(threadWaitsQuery(store, threadId));
  const select = useCallback(
    (waitpoints: readonly Waitpoint[]): ThreadWaits => ({
      question: nextQuestion(waitpoints, threadId),
      approvals: turnApprovals(waitpoints, threadId),
      needing: needsYouOf(waitpoints).bgoIds,
    }),
    [threadId],
  );
  return useRows(store.waitpoints, select);
}
