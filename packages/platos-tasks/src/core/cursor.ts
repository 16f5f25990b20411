import { PlatosError } from "./errors.ts";

/** A place in a list ordered by (createdAt, id), newest first. Opaque on the wire. */
export interface ListCursor {
  readonly createdAt: Date;
  readonly id: string;
}

export function formatCursor(cursor: ListCursor): string {
  return `${cursor.createdAt.getTime().toString(36)}.${cursor.id}`;
}

export function parseCursor(text: string): ListCursor {
  const [time, id, ...rest] = text.split(".");
  const atMs = Number.parseInt(time ?? "", 36);
  if (id === undefined || id === "" || rest.length > 0 || !Number.isSafeInteger(atMs) || atMs < 0) {
    throw new PlatosError("input.invalid", "This cursor is not one we gave out. Start again without a cursor.", {
      issues: [{ path: "cursor", message: "not a cursor of this list" }],
    });
  }
  return { createdAt: new Date(atMs), id };
}
