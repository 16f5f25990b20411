import type { Session } from "@platos-tasks/client";
import type { FetchQueryOptions } from "@tanstack/react-query";

import { api } from "../../api.ts";

/** `GET /api/v1/session`; asked once per page load. */
export const getSessionQuery: FetchQueryOptions<Session> & { queryKey: string[] } = {
  queryKey: ["session"],
  queryFn: ({ signal }) => api.session.get({ signal }),
  staleTime: Infinity,
};
