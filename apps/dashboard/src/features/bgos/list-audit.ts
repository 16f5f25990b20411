import type { AuditEntry, Bgo } from "@platos-tasks/client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { api } from "../../api.ts";
import type { EntryList } from "./entry-list.ts";
import { entryListOf } from "./entry-list.ts";

const pageSize = 100;

/** `GET /api/v1/platos-tasks/{id}/audit`, asked again after each change of status. */
export function useAudit(bgo: Bgo): EntryList<AuditEntry> {
  const query = useInfiniteQuery({
    queryKey: ["live", "audit", bgo.id, bgo.status],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.bgos.audit(bgo.id, { limit: pageSize, cursor: pageParam === "" ? undefined : pageParam, signal }),
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  return entryListOf(query);
}
