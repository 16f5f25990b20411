import type { ListCursor } from "../../core/cursor.ts";
import { storableText } from "../../core/json.ts";

/**
 * For `(created_at, id) < ($n::timestamptz, $m)`. On the first page everything lies before it: a condition that asks whether
 * there is a cursor could not be looked up in an index.
 */
export function cursorValues(cursor: ListCursor | null): readonly [createdAt: Date | "infinity", id: string] {
  return cursor === null ? ["infinity", ""] : [cursor.createdAt, storableText(cursor.id)];
}
