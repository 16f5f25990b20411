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
  expect(activityOf(groupBgos(rows, "thr_1"))).toEqual({
    parts: [
      { group: "Running", words: "1 running" },
      { group: "Waiting", words: "1 waiting" },
    ],
    oldestMs: Date.parse("2026-01-01T00:01:00.000Z"),
  });
});

test("nothing goes on once all have ended", () => {
  expect(activityOf(groupBgos([bgo("a", "cancelled")], "thr_1"))).toBeNull();
});
