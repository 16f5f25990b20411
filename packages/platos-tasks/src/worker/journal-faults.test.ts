import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { failureView, PlatosError } from "../core/errors.ts";
import type { Step } from "../core/journal.ts";
import type { ToolResult } from "../core/transcript.ts";
import { silentLog } from "../core/ports/log.ts";
import { countingTools } from "../testing/counting-tools.ts";
import { faultyStore, type StoreFaults } from "../testing/faulty-store.ts";
import { fakeDelivery, segmentOf, useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { runBgoSegment } from "./run-bgo-segment.ts";
import { SuspectLine } from "./suspect-line.ts";
import type { WorkerContext } from "./worker-context.ts";

const { tools, runs } = countingTools();
const fixture = useRuntime({ tools });

function context(faults: StoreFaults): WorkerContext {
  return {
    operations: { ...fixture.operations, store: faultyStore(fixture.operations.store, faults) },
    model: fixture.model,
    tools,
    live: { publishDelta: () => undefined },
    clock: fixture.runtime.clock,
    log: silentLog,
    suspects: new SuspectLine(),
  };
}

const script = [
  [call("at_most_once", { n: 1 }, "a")],
  [
    call("pure", { n: 2 }, "b"),
    call("at_most_once", { n: 3 }, "c"),
    call("idempotent", { n: 4 }, "d"),
    call("idempotent", { n: 4 }, "e"),
  ],
  [text("done")],
];
/** A response with its first intent, the result; a response, a result with the next intent, the rest; the end. */
const leastCommits = 6;

const away = () => new PlatosError("store.unavailable", "The database is away.", { retryable: true });

/** Fails the n-th commit of a segment, before or after it has happened. */
function failing(n: number, when: "beforeCommit" | "afterCommit"): StoreFaults {
  let seen = 0;
  return {
    [when]: async (name: string) => {
      if (name !== "record" && name !== "deliver") return;
      if ((seen += 1) === n) throw away();
    },
  };
}

test.each(["beforeCommit", "afterCommit"] as const)(
  "a worker may die at any commit, %s: no recorded model call is made again and nothing has a second effect",
  async (when) => {
    verifies("P8", "P8.a");
    let n = 1;
    while (await diesAt(n, when)) n += 1;
    expect(n).toBeGreaterThan(leastCommits);
  },
);

/** Whether there is an n-th commit; if so its worker died there and another one went on, and all was well. */
async function diesAt(n: number, when: "beforeCommit" | "afterCommit"): Promise<boolean> {
  const key = `dies at commit ${n}, ${when}`;
  fixture.model.on(key, script);
  const { id, threadId } = await fixture.spawn({ prompt: key });
  const segment = segmentOf(await fixture.bgo(id));
  const end = await runBgoSegment(context(failing(n, when)), segment, fakeDelivery().controls).catch(failureView);
  expect(end === undefined || end.code === "store.unavailable").toBe(true);
  const before = await stepsOf(id);
  const recorded = before.filter(({ kind }) => kind === "model").length;
  const unrecorded = fixture.model.requestsWith(key).length - recorded;
  await runBgoSegment(context({}), segment, fakeDelivery().controls);

  expect(await fixture.bgo(id), key).toMatchObject({ status: "completed", output: "done", modelCalls: 3 });
  expect((await fixture.messages(threadId)).map(({ kind }) => kind)).toEqual(["bgo_completed"]);
  expect(unrecorded, key).toBeLessThanOrEqual(when === "beforeCommit" ? 1 : 0);
  expect(fixture.model.requestsWith(key), key).toHaveLength(3 + unrecorded);
  expectEffects(id, { lost: lostCalls(before), results: resultsOf(await stepsOf(id)) });
  return end !== undefined;
}

function expectEffects(
  id: string,
  of: { readonly lost: readonly string[]; readonly results: readonly ToolResult[] },
): void {
  const mine = runs.filter(({ bgoId }) => bgoId === id);
  expect(of.results.map(({ callId }) => callId).toSorted()).toEqual(["a", "b", "c", "d", "e"]);
  for (const [callId, number] of [
    ["a", 1],
    ["c", 3],
  ] as const) {
    // What was begun and has no result may have run: it is not run again, and the model is told.
    const times = mine.filter(({ tool, input }) => tool === "at_most_once" && input["n"] === number).length;
    const result = of.results.find((each) => each.callId === callId);
    if (of.lost.includes(callId)) {
      expect(times).toBeLessThanOrEqual(1);
      expect(result?.error?.message).toContain("outcome unknown, not retried");
    } else {
      expect([times, result?.output]).toEqual([1, { n: number }]);
    }
  }
  // Equal calls have keys of their own, and keep them when they run again.
  const keys = mine.filter(({ tool }) => tool === "idempotent").map(({ callKey }) => callKey);
  expect(new Set(keys).size).toBe(2);
}

const stepsOf = async (id: string): Promise<readonly Step[]> =>
  (await fixture.operations.store.autocommit.journal.read({ id })).map(({ step }) => step);

function lostCalls(steps: readonly Step[]): readonly string[] {
  const answered = steps.flatMap((step) => (step.kind === "tool_result" ? [step.result.callId] : []));
  const begun = steps.flatMap((step) => (step.kind === "tool_intent" ? [step.callId] : []));
  return begun.filter((callId) => !answered.includes(callId));
}

function resultsOf(steps: readonly Step[]): readonly ToolResult[] {
  return steps.flatMap((step) => (step.kind === "tool_result" ? [step.result] : []));
}
