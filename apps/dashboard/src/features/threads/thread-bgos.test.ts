import type { Bgo, Status } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { activityOf, groupBgos } from "./thread-bgos.ts";

function bgo(id: string, status: Status, startedAt: string | null = null): Bgo {
  return { id, status, threadId: "thr_1", startedAt, createdAt: "2026-01-01T00:10:00.000Z" } as Bgo;
}

test("BGOs are grouped by what they do, newest first, without empty groups or other threads' rows", () => {
  const rows = [
    bgo("a", "running"),
    bgo("b", "queued"),
    bgo("c", "failed"),
    bgo("d", "completed"),
    { ...bgo("e", "running"), threadId: "thr_2" },
  ];
  const groups = groupBgos(rows, "thr_1").map((group) => [group.name, group.bgos.map(({ id }) => id)]);
  expect(groups).toEqual([
    ["Running", ["b", "a"]],
    ["Finished", ["d", "c"]],
  ]);
});

test("the activity counts what goes on and knows the oldest start", () => {
  const rows = [bgo("a", "running", "2026-01-01T00:05:00.000Z"), bgo("b", "waiting", "2026-01-01T00:01:00.000Z")];
  expect(activityOf(groupBgos(rows, "thr_1"), new Set())).toEqual({
    parts: ["1 running", "1 waiting"],
    oldestMs: Date.parse("2026-01-01T00:01:00.000Z"),
  });
});

test("those that wait for the reader are told from those that wait for something else", () => {
  const rows = [bgo("a", "waiting"), bgo("b", "waiting"), bgo("c", "running")];
  const parts = (needing: readonly string[]): readonly string[] | undefined =>
    activityOf(groupBgos(rows, "thr_1"), new Set(needing))?.parts;
  expect(parts(["b"])).toEqual(["1 running", "1 waiting for you", "1 waiting"]);
  // A wait may be known before its BGO is seen to wait, and after it went on.
  expect(parts(["a", "b", "c"])).toEqual(["1 running", "2 waiting for you"]);
});

test("nothing goes on once all have ended", () => {
  expect(activityOf(groupBgos([bgo("a", "cancelled")], "thr_1"), new Set())).toBeNull();
});
