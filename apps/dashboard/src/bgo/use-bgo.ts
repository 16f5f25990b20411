import type { Bgo } from "@platos-tasks/client";
import { useQuery } from "@tanstack/react-query";

import { useLive } from "../live/live-context.ts";
import { useRow } from "../live/use-rows.ts";
import { getBgoQuery } from "./get-bgo.ts";

export interface BgoLookup {
  readonly bgo: Bgo | undefined;
  readonly error: Error | null;
  readonly refetch: () => void;
}

/** The live row of a BGO, read from the server when no event or list has brought it yet. */
export function useBgo(bgoId: string): BgoLookup {
  const { store } = useLive();
  const bgo = useRow(store.bgos, bgoId);
  const query = useQuery({ ...getBgoQuery(store, bgoId), enabled: bgo === undefined });
  return { bgo, error: query.error, refetch: () => void query.refetch() };
}
