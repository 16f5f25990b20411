import { expect, test } from "vitest";
import { type LoggedPlace, stretchViolations } from "./stretch-violations.ts";

const from = { xid: 1n, id: 0n };
const log: readonly LoggedPlace[] = [
  { xid: 2n, id: 1n, type: "bgo.created", rowId: "a" },
  { xid: 3n, id: 2n, type: "bgo.updated", rowId: "a" },
  { xid: 4n, id: 3n, type: "bgo.updated", rowId: "a" },
  { xid: 5n, id: 4n, type: "bgo.created", rowId: "b" },
];

function shown(...numbers: readonly number[]): ReturnType<typeof stretchViolations> {
  const places = numbers.map((number) => log[number - 1] ?? { xid: 9n, id: 9n });
  return stretchViolations({ from, places }, log, true);
}

test("a client that was shown the log, or only the last of several updates of a row, is fine", () => {
  expect(shown(1, 2, 3, 4)).toEqual([]);
  expect(shown(1, 3, 4)).toEqual([]);
});

test("a gap is told, at the end as well", () => {
  expect(shown(2, 3, 4)).toEqual(["missed 1 of 4 events, first bgo.created of a"]);
  expect(shown(1, 3)).toEqual(["missed 1 of 4 events, first bgo.created of b"]);
  expect(shown(1, 2, 4)).toEqual(["missed 1 of 4 events, first bgo.updated of a"]);
});

test("a repeat, another order and an event from nowhere are told", () => {
  expect(shown(1, 1, 3, 4)).toEqual(["was shown 1 events again or out of order"]);
  expect(shown(1, 4, 3)).toEqual(["was shown 1 events again or out of order"]);
  expect(shown(1, 3, 4, 7)).toEqual(["was shown 1 events that are not in the log"]);
});

test("a stretch that a resync ended reaches no further than what it was shown", () => {
  const [first, second] = log;
  if (first === undefined || second === undefined) throw new Error("The log is empty.");
  expect(stretchViolations({ from, places: [first, second] }, log, false)).toEqual([]);
});
