import fc from "fast-check";
import { expect, test } from "vitest";
import { formatCursor, parseCursor } from "./cursor.ts";
import { formatEventCursor, parseEventCursor } from "./event.ts";
import { formatId, idRandomBytes } from "./ids.ts";

const instant = fc.date({ min: new Date(0), noInvalidDate: true });
const id = fc
  .tuple(fc.nat(), fc.uint8Array({ minLength: idRandomBytes, maxLength: idRandomBytes }))
  .map(([at, random]) => formatId("bgo", at, random));

test("a list cursor comes back as it was", () => {
  fc.assert(
    fc.property(instant, id, (createdAt, rowId) => {
      const cursor = { createdAt, id: rowId };
      expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
    }),
  );
});

test.each(["", ".", "abc", "abc.", ".bgo_1", "-1.bgo_1", "k5.bgo_1.more", "§.bgo_1", "zzzzzzzzzzzz.bgo_1"])(
  "%j is refused as a list cursor",
  (text) => {
    expect(() => parseCursor(text)).toThrow(expect.objectContaining({ code: "input.invalid" }));
  },
);

test("nonsense is refused or gives a cursor with a real instant", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.nat(), id).map(([at, rowId]) => `${at.toString(36)}.${rowId}`),
      ),
      (text) => {
        try {
          expect(Number.isNaN(parseCursor(text).createdAt.getTime())).toBe(false);
        } catch (error) {
          expect(error).toMatchObject({ code: "input.invalid" });
        }
      },
    ),
  );
});

// A date further away than dates go would reach the database as no date at all.
test("an instant beyond the last date is refused as a list cursor", () => {
  expect(() => parseCursor(`${(8.7e15).toString(36)}.bgo_1`)).toThrow(
    expect.objectContaining({ code: "input.invalid" }),
  );
});

test("an event number that the database cannot hold is no event cursor", () => {
  expect(parseEventCursor("a1-1-9999999999999999999")).toBeNull();
});

test("an event cursor comes back as it was, up to the largest numbers", () => {
  const largest = { history: "18fx1", xid: 2n ** 64n - 1n, id: 2n ** 63n - 1n };
  expect(parseEventCursor(formatEventCursor(largest))).toEqual(largest);
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      (xid, number) => {
        const cursor = { history: "a1", xid, id: number };
        expect(parseEventCursor(formatEventCursor(cursor))).toEqual(cursor);
      },
    ),
  );
});

test.each(["", "a-1", "a-1-2-3", "a--1", "A-1-2", "a-1-2x", "a-99999999999999999999999-1", "a-1-2\n"])(
  "%j is no event cursor",
  (text) => {
    expect(parseEventCursor(text)).toBeNull();
  },
);
