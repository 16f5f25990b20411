import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { PlatosError } from "../core/errors.ts";
import type { Step } from "../core/journal.ts";
import { silentLog } from "../core/ports/log.ts";
import { countingTools } from "../testing/counting-tools.ts";
import { faultyStore, type StoreFaults } from "../testing/faulty-store.ts";
import { fakeDelivery, segmentOf, useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { runBgoSegment } from "./run-bgo-segment.ts";
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
  };
}

// Commits of a BGO with this script: a response with its first intent, the result; a response, the result of its first
// call with the intent of the next, the results of the rest; the last response; the delivery.
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
const commits = 7;
const commitsOfResponses = [1, 3, 6];

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

const crashes = Array.from({ length: commits }, (_, index) => index + 1).flatMap((n) => [
  { n, when: "beforeCommit" as const },
  { n, when: "afterCommit" as const },
]);

test.each(crashes)(
  "a worker that dies at commit $n, $when, costs no recorded model call and no second effect",
  async ({ n, when }) => {
    verifies("P8", "P8.a");
    const key = `dies at ${n} ${when}`;
    fixture.model.on(key, script);
    const { id, threadId } = await fixture.spawn({ prompt: key });
    const segment = segmentOf(await fixture.bgo(id));
    const dying = runBgoSegment(context(failing(n, when)), segment, fakeDelivery().controls);
    await expect(dying).rejects.toMatchObject({ code: "store.unavailable" });
    const lost = lostCalls(await stepsOf(id));
    await runBgoSegment(context({}), segment, fakeDelivery().controls);

    expect(await fixture.bgo(id)).toMatchObject({
      status: "completed",
      output: "done",
      modelCalls: 3,
      engineRunId: null,
    });
    expect((await fixture.messages(threadId)).map(({ kind }) => kind)).toEqual(["bgo_completed"]);
    // Only a call whose response was not recorded is made again.
    const isRepeated = when === "beforeCommit" && commitsOfResponses.includes(n);
    expect(fixture.model.requestsWith(key)).toHaveLength(isRepeated ? 4 : 3);

    const mine = runs.filter(({ bgoId }) => bgoId === id);
    const results = (await stepsOf(id)).flatMap((step) => (step.kind === "tool_result" ? [step.result] : []));
    expect(results.map(({ callId }) => callId).toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    for (const [callId, number] of [
      ["a", 1],
      ["c", 3],
    ] as const) {
      // What was begun and has no result may have run: it is not run again, and the model is told.
      const times = mine.filter(({ tool, input }) => tool === "at_most_once" && input["n"] === number).length;
      const result = results.find((each) => each.callId === callId);
      if (lost.includes(callId)) {
        expect(times).toBeLessThanOrEqual(1);
        expect(result?.error?.message).toContain("outcome unknown, not retried");
      } else {
        expect([times, result?.output]).toEqual([1, { n: number }]);
      }
    }
    // Equal calls have keys of their own, and keep them when they run again.
    const keys = mine.filter(({ tool }) => tool === "idempotent").map(({ callKey }) => callKey);
    expect(new Set(keys).size).toBe(2);
  },
);

const stepsOf = async (id: string): Promise<readonly Step[]> =>
  (await fixture.operations.store.autocommit.journal.read({ id })).map(({ step }) => step);

function lostCalls(steps: readonly Step[]): readonly string[] {
  const answered = steps.flatMap((step) => (step.kind === "tool_result" ? [step.result.callId] : []));
  const begun = steps.flatMap((step) => (step.kind === "tool_intent" ? [step.callId] : []));
  return begun.filter((callId) => !answered.includes(callId));
}
