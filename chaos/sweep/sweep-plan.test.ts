import { expect, test } from "vitest";
import { failpointText, faultsOf } from "../failpoints/failpoint.ts";
import { Random } from "../harness/random.ts";
import { joinSeen, planSweep, shuffled } from "./sweep-plan.ts";

test("the plan holds every fault at every call that was seen", () => {
  const plan = planSweep("answer", [
    { name: "spawn", kind: "transaction", hits: 2, failed: [] },
    { name: "spawn/bgos.insert", kind: "inner", hits: 1, failed: [] },
  ]);
  expect(plan).toHaveLength(2 * faultsOf.transaction.length + faultsOf.inner.length);
  const texts = plan.map(({ failpoint }) => failpointText(failpoint));
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts).toContain("spawn.on_acknowledgement#2=lose");
  expect(texts).toContain("spawn/bgos.insert.before#1=kill");
});

test("nothing is planned after a call that fails by itself", () => {
  const plan = planSweep("answer", [{ name: "model.respond", kind: "model", hits: 2, failed: [1] }]);
  expect(plan.some(({ failpoint }) => failpoint.hit === 1 && failpoint.moment === "after")).toBe(false);
  expect(plan.some(({ failpoint }) => failpoint.hit === 1 && failpoint.moment === "during")).toBe(true);
  expect(plan.some(({ failpoint }) => failpoint.hit === 2 && failpoint.moment === "after")).toBe(true);
});

test("a seed gives one order, in which nothing is lost", () => {
  const items = Array.from({ length: 50 }, (_none, index) => index);
  const order = shuffled(items, Random.of(7, "order"));
  expect(order).toEqual(shuffled(items, Random.of(7, "order")));
  expect(order).not.toEqual(items);
  expect(order.toSorted((left, right) => left - right)).toEqual(items);
});

test("a call that one of two runs made counts", () => {
  expect(
    joinSeen(
      [{ name: "deliver", kind: "transaction", hits: 1, failed: [] }],
      [
        { name: "deliver", kind: "transaction", hits: 2, failed: [] },
        { name: "journal.read", kind: "statement", hits: 1, failed: [] },
      ],
    ),
  ).toEqual([
    { name: "deliver", kind: "transaction", hits: 2, failed: [] },
    { name: "journal.read", kind: "statement", hits: 1, failed: [] },
  ]);
});
