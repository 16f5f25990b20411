import { PlatosError } from "./errors.ts";

/** A place in a list ordered by (createdAt, id), newest first. Opaque on the wire. */
export interface ListCursor {
  readonly createdAt: Date;
  readonly id: string;
}

/** The last instant that a `Date` can hold. Source: ECMA-262, section 21.4.1.1. */
const lastInstantMs = 8.64e15;

export function formatCursor(cursor: ListCursor): string {
  return `${cursor.createdAt.getTime().toString(36)}.${cursor.id}`;
}

export function parseCursor(text: string): ListCursor {
  const [, time = "", id = ""] = /^([0-9a-z]{1,11})\.([^.]+)$/u.exec(text) ?? [];
  const atMs = Number.parseInt(time, 36);
  if (id === "" || !(atMs <= lastInstantMs)) {
    throw new PlatosError("input.invalid", "This cursor is not one we gave out. Start again without a cursor.", {
      issues: [{ path: "cursor", message: "not a cursor of this list" }],
    });
  }
  return { createdAt: new Date(atMs), id };
}
