import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { cancelBgo } from "../operations/cancel-bgo.ts";
import { defineTool } from "../core/tool.ts";
import { countingTools } from "../testing/counting-tools.ts";
import { aborted, createGate } from "../testing/gate.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { eventually } from "../testing/test-runtime.ts";

const [pure] = countingTools().tools;
if (pure === undefined) throw new Error("There are three tools.");
const begun = createGate();
const stopped = createGate();
const slow = defineTool({
  name: "slow",
  description: "works until it is stopped",
  effect: "pure",
  inputSchema: pure.inputSchema,
  async run(_input, { signal }) {
    begun.open();
    await aborted(signal);
    stopped.open();
    return "stopped";
  },
});
// Nobody works but the runtimes that tests start.
const fixture = useRuntime({ tools: [slow] });

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("a worker that stops gives back all it runs, and another one finishes it", async () => {
  verifies("P8");
  const count = 20;
  let isStopped = false;
  fixture.model.on("deploy", async (turn, { signal }) =>
    isStopped || turn > 0 ? [text("done")] : untilAborted(signal),
  );
  const old = await fixture.openRuntime();
  await old.startWorker();
  const bgos = await Promise.all(Array.from({ length: count }, () => fixture.spawn({ prompt: "deploy" })));
  await eventually("all to run", async () => fixture.model.requestsWith("deploy").length === count);
  isStopped = true;
  await fixture.stopRuntime(old);
  const released = await Promise.all(bgos.map(({ id }) => fixture.bgo(id)));
  for (const bgo of released) expect(bgo).toMatchObject({ status: "queued", attempt: 1, crashes: 0, epoch: 1 });

  const heir = await fixture.openRuntime();
  await heir.startWorker();
  for (const { id } of bgos) {
    expect(await fixture.ended(id)).toMatchObject({ status: "completed", attempt: 1, crashes: 0, epoch: 2 });
  }
  await fixture.stopRuntime(heir);
});

test("a cancel in one process aborts the model call in another, and nothing starts after it", async () => {
  verifies("P17");
  const worker = await fixture.openRuntime();
  await worker.startWorker();
  const heard = createGate();
  fixture.model.on("long thought", async (_turn, { signal }) => {
    await aborted(signal);
    heard.open();
    return [call("slow", {})];
  });
  const bgo = await fixture.spawn({ prompt: "long thought" });
  await eventually("the model to be asked", async () => fixture.model.requestsWith("long thought").length === 1);
  const { outcome } = await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
  expect(outcome).toBe("cancelled");
  await heard.opened;
  await fixture.stopRuntime(worker);
  expect(fixture.model.requestsWith("long thought")).toHaveLength(1);
  expect(await fixture.operations.store.autocommit.journal.read({ id: bgo.id })).toEqual([]);
  expect((await fixture.messages(bgo.threadId)).map(({ kind }) => kind)).toEqual(["bgo_cancelled"]);
});

test("a cancel aborts a running tool", async () => {
  verifies("P17");
  const worker = await fixture.openRuntime();
  await worker.startWorker();
  fixture.model.on("long tool", () => [call("slow", {})]);
  const bgo = await fixture.spawn({ prompt: "long tool" });
  await begun.opened;
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
  await stopped.opened;
  await fixture.stopRuntime(worker);
  expect(fixture.model.requestsWith("long tool")).toHaveLength(1);
});
