import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { PlatosError } from "../core/errors.ts";
import { transcriptOf } from "../core/journal.ts";
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

// Commits of a BGO with this script: response + intent, result, response, results, response, and the delivery.
const script = [
  [call("at_most_once", { n: 1 }, "a")],
  [call("pure", { n: 2 }, "b"), call("idempotent", { n: 3 }, "c"), call("idempotent", { n: 3 }, "d")],
  [text("done")],
];
const commits = 6;

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
    const recorded = (await fixture.operations.store.autocommit.journal.read({ id })).length;
    const isOver = (await fixture.bgo(id)).status === "completed";
    await runBgoSegment(context({}), segment, fakeDelivery().controls);

    expect(await fixture.bgo(id)).toMatchObject({
      status: "completed",
      output: "done",
      modelCalls: 3,
      engineRunId: null,
    });
    expect((await fixture.messages(threadId)).map(({ kind }) => kind)).toEqual(["bgo_completed"]);
    expect(isOver).toBe(n === commits && when === "afterCommit");

    // Only a call whose response was not recorded is made again, and no at-most-once tool is.
    const lostResponse = when === "beforeCommit" && [1, 3, 5].includes(n);
    expect(fixture.model.requestsWith(key)).toHaveLength(lostResponse ? 4 : 3);
    const mine = runs.filter(({ bgoId }) => bgoId === id);
    // After the commit of its intent alone nobody knows whether it ran: it is not run again.
    const isUnknown = recorded === 2 && mine.filter(({ tool }) => tool === "at_most_once").length <= 1;
    expect(mine.filter(({ tool }) => tool === "at_most_once").length).toBe(n === 1 && when === "afterCommit" ? 0 : 1);
    const idempotent = mine.filter(({ tool }) => tool === "idempotent");
    expect(new Set(idempotent.map(({ callKey }) => callKey)).size).toBe(2);

    const steps = await fixture.operations.store.autocommit.journal.read({ id });
    expect(steps.map(({ stepNo }) => stepNo)).toEqual(steps.map((_, index) => index));
    const [, results] = transcriptOf(steps.map(({ step }) => step));
    const [first] = results?.role === "tool" ? results.results : [];
    if (isUnknown) expect(first?.error?.message).toContain("outcome unknown, not retried");
    else expect(first?.output).toEqual({ n: 1 });
  },
);
