import type { Waitpoint } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { needsYouOf, nextQuestion, turnApprovals } from "./needs-you.ts";

function wait(id: string, fields: Partial<Waitpoint> = {}): Waitpoint {
  const base = { id, kind: "reply", status: "open", bgoId: `bgo_${id}`, threadId: "thr_1", createdAt: "2026-01-01" };
  return { ...base, ...fields } as Waitpoint;
}

test("replies and approvals need you; links, times and other BGOs do not", () => {
  const waits = [
    wait("a"),
    wait("b", { kind: "approval", threadId: "thr_2" }),
    wait("c", { kind: "token" }),
    wait("d", { kind: "time" }),
    wait("e", { kind: "bgo" }),
    wait("f", { status: "completed" }),
  ];
  const { bgoIds, threadIds } = needsYouOf(waits);
  expect([...bgoIds]).toEqual(["bgo_a", "bgo_b"]);
  expect([...threadIds]).toEqual(["thr_1", "thr_2"]);
});

test("the next message answers the oldest open question of its thread", () => {
  const waits = [
    wait("d", { createdAt: "2026-01-03" }),
    wait("c", { createdAt: "2026-01-02" }),
    wait("b", { createdAt: "2026-01-02" }),
    wait("a", { status: "timed_out" }),
    wait("x", { kind: "approval" }),
    wait("y", { threadId: "thr_2" }),
  ];
  expect(nextQuestion(waits, "thr_1")?.id).toBe("b");
  expect(nextQuestion([], "thr_1")).toBeNull();
});

test("an answer waits for the approvals that no BGO asks for", () => {
  const own = { kind: "approval", bgoId: null } as const;
  const waits = [
    wait("b", own),
    wait("a", own),
    wait("c", { kind: "approval" }),
    wait("d", { ...own, status: "failed" }),
  ];
  expect(turnApprovals(waits, "thr_1").map(({ id }) => id)).toEqual(["a", "b"]);
});
