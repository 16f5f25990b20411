import type { Bgo, BgoFilters, Page } from "@platos-tasks/client";

import { api } from "../api.ts";
import type { LiveStore } from "../live/live-store.ts";

export interface ListBgosRequest {
  readonly filters: BgoFilters;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly signal: AbortSignal;
}

export interface BgoIdPage {
  readonly ids: readonly string[];
  readonly nextCursor: string | null;
}

/** `GET /api/v1/platos-tasks`: rows into the live store, ids to the caller. */
export async function listBgos(store: LiveStore, request: ListBgosRequest): Promise<BgoIdPage> {
  const { filters, limit, cursor, signal } = request;
  const asOf = store.bgos.clock();
  const page: Page<Bgo> = await api.bgos.list({ ...filters, limit, cursor, signal });
  store.bgos.putSnapshot(page.items, asOf);
  return { ids: page.items.map((bgo) => bgo.id), nextCursor: page.nextCursor };
}
