import { expect, test } from "vitest";
import { checkFences } from "./check-fences.ts";
import type { StoreEvent } from "./store-recorder.ts";

let transactions = 0;

/** One committed statement of a process. */
function statement(fiber: string, name: string, args: readonly unknown[], result: unknown): readonly StoreEvent[] {
  transactions += 1;
  const transaction = transactions;
  return [
    { kind: "statement", transaction, fiber, name, args, result },
    { kind: "commit", transaction },
  ];
}

const actor = { type: "worker", id: null };
const claim = (fiber: string, epoch: number) =>
  statement(
    fiber,
    "bgos.transition",
    [{ actor, guard: { segmentId: "s" }, changes: { newEpoch: true, started: true } }],
    { id: "bgo_1", status: "running", epoch },
  );
const record = (fiber: string, result: unknown) =>
  statement(fiber, "journal.recordForBgo", [{ id: "bgo_1", epoch: 1 }, [], "thinking"], result);
const finish = (fiber: string, epoch: number) =>
  statement(fiber, "bgos.transition", [{ actor, guard: "any", changes: {} }], {
    id: "bgo_1",
    status: "completed",
    epoch,
  });

test("a worker that is refused after a takeover breaks nothing", () => {
  expect(checkFences([...claim("a", 1), ...claim("b", 2), ...record("a", null), ...finish("b", 2)])).toEqual([]);
});

test("a step, and an end, of a worker that was taken over are told", () => {
  const broken = checkFences([...claim("a", 1), ...claim("b", 2), ...record("a", {}), ...finish("a", 2)]);
  expect(broken).toEqual([
    "I6: a wrote journal.recordForBgo to bgo_1 under epoch 1, which is at epoch 2",
    "I6: a wrote completed to bgo_1 under epoch 1, which is at epoch 2",
  ]);
});

test("a claim that does not raise the epoch is told", () => {
  expect(checkFences([...claim("a", 1), ...claim("b", 1)])).toEqual([
    "I6: bgo_1 was claimed under epoch 1 after epoch 1",
  ]);
});

test("what was rolled back never happened", () => {
  const [claimed] = claim("b", 2);
  expect(checkFences([...claim("a", 1), ...(claimed === undefined ? [] : [claimed]), ...record("a", {})])).toEqual([]);
});
