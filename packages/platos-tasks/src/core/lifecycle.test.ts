import fc from "fast-check";
import { expect, test } from "vitest";
import {
  activeStatuses,
  cancelOutcomeOf,
  canTransition,
  initialStatuses,
  isTerminal,
  sourcesOf,
  statuses,
  terminalMessageKind,
  terminalStatuses,
  transitions,
} from "./lifecycle.ts";

test("there are seven statuses, of which three are terminal", () => {
  expect(statuses).toHaveLength(7);
  expect(terminalStatuses).toEqual(["completed", "failed", "cancelled"]);
  expect([...activeStatuses, ...terminalStatuses].toSorted()).toEqual([...statuses].toSorted());
});

test("whatever is asked for, nothing leaves a terminal status", () => {
  fc.assert(
    fc.property(fc.constantFrom(...initialStatuses), fc.array(fc.constantFrom(...statuses)), (first, wishes) => {
      let status: (typeof statuses)[number] = first;
      let ended: string | null = null;
      for (const wish of wishes) {
        if (canTransition(status, wish)) status = wish;
        if (isTerminal(status)) ended ??= status;
        expect(ended === null || status === ended).toBe(true);
      }
    }),
  );
});

test("every active status leads to cancelled, and only a running one to completed", () => {
  for (const status of activeStatuses) expect(canTransition(status, "cancelled"), status).toBe(true);
  expect(sourcesOf("completed")).toEqual(["running"]);
  expect(sourcesOf("running")).toEqual(["queued", "running"]);
});

test("every status is reachable from an initial one", () => {
  const seen = new Set<string>(initialStatuses);
  for (const status of seen) for (const next of transitions[status as keyof typeof transitions]) seen.add(next);
  expect([...seen].toSorted()).toEqual([...statuses].toSorted());
});

test("each terminal status has a message kind and a cancel outcome of its own", () => {
  expect(Object.keys(terminalMessageKind)).toEqual(terminalStatuses);
  expect(new Set(Object.values(terminalMessageKind)).size).toBe(3);
  expect(terminalStatuses.map((status) => cancelOutcomeOf(status as "failed"))).toEqual([
    "already_completed",
    "already_failed",
    "already_cancelled",
  ]);
});
