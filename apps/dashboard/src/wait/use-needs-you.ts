import { useQuery } from "@tanstack/react-query";

import { useLive } from "../live/live-context.ts";
import { useRows } from "../live/use-rows.ts";
import { openWaitsQuery } from "./list-waits.ts";
import { needsYouOf } from "./needs-you.ts";
import type { NeedsYou } from "./needs-you.ts";

/** What of the environment waits for the people at this dashboard; read once, then kept by events. */
export function useNeedsYou(): NeedsYou {
  const { store } = useLive();
  useQuery(openWaitsQuery(store));
  return useRows(store.waitpoints, needsYouOf);
}
