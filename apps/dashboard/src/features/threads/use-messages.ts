import type { Message, Thread } from "@platos-tasks/client";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { useLive } from "../../live/live-context.ts";
import { useRows } from "../../live/use-rows.ts";
import { listMessages } from "./list-messages.ts";

const step = 100;

export interface Messages {
  /** Oldest first, without a hole. */
  readonly messages: readonly Message[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasEarlier: boolean;
  readonly isLoadingEarlier: boolean;
  readonly showEarlier: () => void;
  readonly refetch: () => void;
}

/** A thread's newest messages, more on demand, new ones as they come. `thread` is what was first read of it. */
export function useMessages(thread: Thread): Messages {
  const { store } = useLive();
  const [after, setAfter] = useState(() => Math.max(0, thread.lastSeq - step));
  const query = useQuery({
    queryKey: ["live", "messages", thread.id, after],
    queryFn: async ({ signal }) => {
      await listMessages(store, { threadId: thread.id, after, signal });
      return after;
    },
    placeholderData: (previous) => previous,
  });
  // While earlier ones are on their way, what is shown stays as it is.
  const floor = query.data ?? after;
  const select = useCallback(
    (messages: readonly Message[]) => messagesOfThread(messages, thread.id, floor),
    [thread.id, floor],
  );
  return {
    messages: useRows(store.messages, select),
    isPending: query.isPending,
    error: query.error,
    hasEarlier: floor > 0,
    isLoadingEarlier: query.isPlaceholderData,
    showEarlier: () => setAfter(Math.max(0, after - step)),
    refetch: () => void query.refetch(),
  };
}

function messagesOfThread(messages: readonly Message[], threadId: string, after: number): readonly Message[] {
  return messages
    .filter((message) => message.threadId === threadId && message.seq > after)
    .toSorted((left, right) => left.seq - right.seq);
}
