import { expect, test } from "vitest";
import { TakeoverWatch } from "./takeover-watch.ts";

function begun(watch: TakeoverWatch, slot: number, ownerId: string): void {
  watch.delivery(slot, { kind: "delivery", phase: "begun", ownerId, segmentId: "s" });
}

test("what a killed worker ran is taken over with its next delivery, and once", () => {
  const watch = new TakeoverWatch();
  begun(watch, 1, "bgo_1");
  watch.killed(1);
  watch.gone(1);
  begun(watch, 2, "bgo_1");
  begun(watch, 3, "bgo_1");

  expect(watch.tookMs).toHaveLength(1);
});

test("what had ended, what somebody else runs and what nobody killed is no takeover", () => {
  const watch = new TakeoverWatch();
  for (const ownerId of ["ended", "elsewhere"]) begun(watch, 1, ownerId);
  watch.delivery(1, { kind: "delivery", phase: "ended", ownerId: "ended", segmentId: "s" });
  begun(watch, 2, "elsewhere");
  begun(watch, 3, "stopped");
  watch.killed(1);
  watch.gone(1);
  watch.gone(3);
  for (const ownerId of ["ended", "elsewhere", "stopped"]) begun(watch, 2, ownerId);

  expect(watch.tookMs).toEqual([]);
});
