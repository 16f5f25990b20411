import type { Bgo, Step } from "@platos-tasks/client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { api } from "../../api.ts";
import type { EntryList } from "./entry-list.ts";
import { entryListOf } from "./entry-list.ts";

const pageSize = 200;

/** `GET /api/v1/platos-tasks/{id}/steps`, asked again after each model call and each change of status. */
export function useSteps(bgo: Bgo): EntryList<Step> {
  const query = useInfiniteQuery({
    queryKey: ["live", "steps", bgo.id, bgo.status, bgo.modelCalls],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.bgos.steps(bgo.id, { limit: pageSize, cursor: pageParam === "" ? undefined : pageParam, signal }),
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  return entryListOf(query);
}
