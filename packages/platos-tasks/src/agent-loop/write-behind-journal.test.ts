import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { noUsage } from "../core/budget.ts";
import type { Step } from "../core/journal.ts";
import type { Journal } from "../core/ports/journal.ts";
import { WriteBehindJournal } from "./write-behind-journal.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const longEnoughMs = 1000;

const result = (callId: string): Step => ({ kind: "tool_result", result: { callId, tool: "look", output: "seen" } });

function openJournal(refuse = false): { readonly journal: WriteBehindJournal; readonly commits: string[][] } {
  const commits: string[][] = [];
  const inner: Journal = {
    recorded: [],
    record: (steps) => {
      if (refuse) return Promise.reject(new Error("superseded"));
      commits.push(steps.map((step) => (step.kind === "tool_result" ? step.result.callId : step.kind)));
      return Promise.resolve({ modelCalls: 0, usage: noUsage, elapsedSeconds: 0 });
    },
  };
  return { journal: new WriteBehindJournal(inner), commits };
}

test("what is held commits with the next record, in one and before it", async () => {
  const { journal, commits } = openJournal();
  journal.hold([result("a")]);
  await journal.record([result("b")], "thinking");
  await vi.advanceTimersByTimeAsync(longEnoughMs);
  expect(commits).toEqual([["a", "b"]]);
});

test("what nothing follows for a while is written by itself, once", async () => {
  verifies("P8");
  const { journal, commits } = openJournal();
  journal.hold([result("a")]);
  journal.hold([result("b")]);
  expect(commits).toEqual([]);
  await vi.advanceTimersByTimeAsync(longEnoughMs);
  expect(commits).toEqual([["a", "b"]]);
  await journal.settle();
  expect(commits).toEqual([["a", "b"]]);
});

test("a write that failed meanwhile is told to whoever records next, and nothing is written behind it", async () => {
  const { journal, commits } = openJournal(true);
  journal.hold([result("a")]);
  await vi.advanceTimersByTimeAsync(longEnoughMs);
  await expect(journal.record([result("b")], "thinking")).rejects.toThrow("superseded");
  await expect(journal.settle()).rejects.toThrow("superseded");
  expect(commits).toEqual([]);
});

test("what is taken for another commit, or discarded, is not written here", async () => {
  const { journal, commits } = openJournal();
  journal.hold([result("a")]);
  expect(await journal.take()).toEqual([result("a")]);
  journal.hold([result("b")]);
  journal.discard();
  await vi.advanceTimersByTimeAsync(longEnoughMs);
  expect(commits).toEqual([]);
});
