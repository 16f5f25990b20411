import { expect, test } from "vitest";
import { TakeoverWatch } from "./takeover-watch.ts";

function begun(watch: TakeoverWatch, slot: number, segmentId: string): void {
  watch.delivery(slot, { kind: "delivery", phase: "begun", ownerId: "bgo_1", segmentId });
}

test("what a killed worker ran is taken over with its next delivery, and once", () => {
  const watch = new TakeoverWatch();
  begun(watch, 1, "s");
  watch.killed(1);
  watch.gone(1);
  begun(watch, 2, "s");
  begun(watch, 3, "s");

  expect(watch.tookMs).toHaveLength(1);
});

test("what had ended, what somebody else runs and what nobody killed is no takeover", () => {
  const watch = new TakeoverWatch();
  for (const segmentId of ["ended", "elsewhere"]) begun(watch, 1, segmentId);
  watch.delivery(1, { kind: "delivery", phase: "ended", ownerId: "bgo_1", segmentId: "ended" });
  begun(watch, 2, "elsewhere");
  begun(watch, 3, "stopped");
  watch.killed(1);
  watch.gone(1);
  watch.gone(3);
  for (const segmentId of ["ended", "elsewhere", "stopped"]) begun(watch, 2, segmentId);

  expect(watch.tookMs).toEqual([]);
});

test("what had begun to wait before the kill, and goes on later, is no takeover", () => {
  const watch = new TakeoverWatch();
  begun(watch, 1, "before the wait");
  watch.killed(1);
  watch.gone(1);
  begun(watch, 2, "after the wait");

  expect(watch.tookMs).toEqual([]);
});
