import { isTerminal } from "@platos-tasks/client";
import type { Bgo } from "@platos-tasks/client";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { listBgos } from "../../bgo/list-bgos.ts";
import { useLive } from "../../live/live-context.ts";
import { useRows } from "../../live/use-rows.ts";

const mostListed = 100;

export interface ThreadBgos {
  readonly groups: readonly BgoGroup[];
  readonly isPending: boolean;
  readonly error: Error | null;
}

export interface BgoGroup {
  readonly name: "Running" | "Waiting" | "Scheduled" | "Finished";
  /** Newest first. */
  readonly bgos: readonly Bgo[];
}

/** The BGOs of a thread by what they are doing; read once, then kept by events. */
export function useThreadBgos(threadId: string): ThreadBgos {
  const { store } = useLive();
  const query = useQuery({
    queryKey: ["live", "thread-bgos", threadId],
    queryFn: ({ signal }) => listBgos(store, { filters: { thread: threadId }, limit: mostListed, signal }),
  });
  const select = useCallback((bgos: readonly Bgo[]) => groupBgos(bgos, threadId), [threadId]);
  return { groups: useRows(store.bgos, select), isPending: query.isPending, error: query.error };
}

/** Groups that have something in them, in a fixed order. A BGO that waits for a worker counts as running. */
export function groupBgos(bgos: readonly Bgo[], threadId: string): readonly BgoGroup[] {
  const own = bgos.filter((bgo) => bgo.threadId === threadId).toSorted((left, right) => (left.id < right.id ? 1 : -1));
  const groups: readonly BgoGroup[] = [
    { name: "Running", bgos: own.filter(({ status }) => status === "running" || status === "queued") },
    { name: "Waiting", bgos: own.filter(({ status }) => status === "waiting") },
    { name: "Scheduled", bgos: own.filter(({ status }) => status === "scheduled") },
    { name: "Finished", bgos: own.filter(({ status }) => isTerminal(status)) },
  ];
  return groups.filter((group) => group.bgos.length > 0);
}

export interface Activity {
  /** `2 running`, `1 waiting for you`. */
  readonly parts: readonly string[];
  /** When the one that has been at it longest began. */
  readonly oldestMs: number;
}

/** What goes on in the background of a thread; null when nothing does. `needing`: ids of BGOs that wait for the reader. */
export function activityOf(groups: readonly BgoGroup[], needing: ReadonlySet<string>): Activity | null {
  const going = groups.filter((group) => group.name !== "Finished");
  const started = going
    .filter((group) => group.name !== "Scheduled")
    .flatMap((group) => group.bgos.map((bgo) => Date.parse(bgo.startedAt ?? bgo.createdAt)));
  if (going.length === 0) return null;
  return {
    parts: going.flatMap((group) => wordsOf(group, needing)),
    oldestMs: started.length === 0 ? Infinity : Math.min(...started),
  };
}

function wordsOf({ name, bgos }: BgoGroup, needing: ReadonlySet<string>): readonly string[] {
  const forYou = name === "Waiting" ? bgos.filter(({ id }) => needing.has(id)).length : 0;
  const others = bgos.length - forYou;
  return [
    ...(forYou > 0 ? [`${forYou} waiting for you`] : []),
    ...(others > 0 ? [`${others} ${name.toLowerCase()}`] : []),
  ];
}
