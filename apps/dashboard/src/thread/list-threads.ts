import type { Page, Thread } from "@platos-tasks/client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";

import { api } from "../api.ts";

const pageSize = 50;

/** `GET /api/v1/threads`, page by page. */
export function useThreads(): UseInfiniteQueryResult<InfiniteData<Page<Thread>>> {
  return useInfiniteQuery({
    queryKey: ["threads", "pages"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.threads.list({ limit: pageSize, cursor: pageParam === "" ? undefined : pageParam, signal }),
    getNextPageParam: (page) => page.nextCursor,
  });
}

/** Titles of the recent threads by id, for lists that name threads. */
export function useThreadTitles(): ReadonlyMap<string, string> {
  const { data } = useQuery({
    queryKey: ["threads", "titles"],
    queryFn: ({ signal }) => api.threads.list({ limit: 100, signal }),
    select: titlesOf,
  });
  return data ?? noTitles;
}

export function titleOfThread(thread: Pick<Thread, "title">): string {
  return thread.title === null || thread.title.trim() === "" ? "Untitled thread" : thread.title;
}

const noTitles: ReadonlyMap<string, string> = new Map();

function titlesOf(page: Page<Thread>): ReadonlyMap<string, string> {
  return new Map(page.items.map((thread) => [thread.id, titleOfThread(thread)]));
}
