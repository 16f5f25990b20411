import type { Page, Schedule, ScheduleStatus } from "@platos-tasks/client";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";

import { api } from "../../api.ts";
import { useLive } from "../../live/live-context.ts";

const pageSize = 50;
const refreshMs = 30_000;
const pauseMs = 1_000;

const live: readonly ScheduleStatus[] = ["active", "paused"];

/** `GET /api/v1/schedules`. They have no events of their own: a fire is seen by the BGO that it starts. */
export function useSchedules(withCancelled: boolean): UseInfiniteQueryResult<InfiniteData<Page<Schedule>>> {
  useFreshSchedules();
  return useInfiniteQuery({
    queryKey: ["schedules", withCancelled],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam === "" ? undefined : pageParam;
      return api.schedules.list({ status: withCancelled ? undefined : live, limit: pageSize, cursor, signal });
    },
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: refreshMs,
  });
}

function useFreshSchedules(): void {
  const { store } = useLive();
  const queryClient = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const stop = store.onEvent((event) => {
      if (timer !== null || event.type !== "bgo.created") return;
      timer = setTimeout(() => {
        timer = null;
        void queryClient.invalidateQueries({ queryKey: ["schedules"] });
      }, pauseMs);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [store, queryClient]);
}
