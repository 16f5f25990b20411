import type { PlatosEvent } from "@platos-tasks/client";
import { titleOfBgo } from "@platos-tasks/client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { announce } from "../../announce/announcement.ts";
import { useLive } from "../../live/live-context.ts";
import type { LiveStore } from "../../live/live-store.ts";
import { statusLooks } from "../../ui/status-look.ts";
import { waitNews } from "../../wait/wait-news.ts";

/** Tells screen readers what happened in the open thread, and keeps its title fresh. */
export function useThreadNews(threadId: string): void {
  const { store, connection } = useLive();
  const queryClient = useQueryClient();
  useEffect(() => connection.watchThread(threadId), [connection, threadId]);
  useEffect(
    () =>
      store.onEvent((event) => {
        if (!("threadId" in event) || event.threadId !== threadId) return;
        const words = newsOf(event, store);
        if (words !== null) announce(words, event.type === "waitpoint.created");
        if (event.type === "turn.finished") {
          void queryClient.invalidateQueries({ queryKey: ["live", "thread", threadId] });
        }
      }),
    [store, threadId, queryClient],
  );
}

function newsOf(event: PlatosEvent, store: LiveStore): string | null {
  if (event.type === "turn.finished") {
    return event.turn.status === "failed" ? "The agent could not answer." : "Answer complete.";
  }
  if (event.type === "bgo.created") return `${titleOfBgo(event.bgo)} started in the background.`;
  if (event.type === "waitpoint.created" || event.type === "waitpoint.resolved") {
    const { waitpoint } = event;
    return waitNews(waitpoint, waitpoint.bgoId === null ? "The agent" : nameOf(waitpoint.bgoId, store));
  }
  if (event.type !== "message.created" || !event.message.terminal) return null;
  const name = nameOf(event.message.bgoId, store);
  const status = event.message.kind.replace("bgo_", "");
  const word =
    status === "completed" || status === "failed" || status === "cancelled" ? statusLooks[status].word : "ended";
  return `${name}: ${word.toLowerCase()}.`;
}

function nameOf(bgoId: string | null, store: LiveStore): string {
  const bgo = bgoId === null ? undefined : store.bgos.get(bgoId);
  return bgo === undefined ? "A background operation" : titleOfBgo(bgo);
}
