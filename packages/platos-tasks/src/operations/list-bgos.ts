import type { Bgo } from "../core/bgo.ts";
import { formatCursor, parseCursor } from "../core/cursor.ts";
import type { BgoFilter } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** Reads one page with one row more than asked for, which tells whether another page follows. */
export async function pageOf<Item extends { readonly id: string; readonly createdAt: Date }>(
  query: PageQuery,
  read: (page: { limit: number; cursor: ReturnType<typeof parseCursor> | null }) => Promise<readonly Item[]>,
): Promise<Page<Item>> {
  const cursor = query.cursor === undefined ? null : parseCursor(query.cursor);
  const rows = await read({ limit: query.limit + 1, cursor });
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > query.limit && last !== undefined ? formatCursor(last) : null };
}

export async function listBgos(
  ctx: OperationContext,
  caller: Caller,
  query: BgoFilter & PageQuery,
): Promise<Page<Bgo>> {
  return pageOf(query, (page) => ctx.store.autocommit.bgos.list(caller.scope, query, page));
}
