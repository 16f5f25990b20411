import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Step } from "../core/journal.ts";
import type { BgoRow } from "../core/ports/store.ts";
import type { ModelResponse } from "../core/transcript.ts";
import { heldDelivery, noCompletion, segmentOf, useRuntime } from "../testing/runtime-fixture.ts";
import { createBarrier } from "../testing/gate.ts";
import { claimBgo, maxCrashes } from "./claim-bgo.ts";
import { createBgoMessage } from "./create-bgo-message.ts";
import { finishBgo } from "./finish-bgo.ts";
import { releaseBgo, retryBgo } from "./release-bgo.ts";
import { reportProgress } from "./report-progress.ts";
import { PlatosError } from "../core/errors.ts";

const fixture = useRuntime();

const response: ModelResponse = {
  parts: [{ type: "text", text: "done" }],
  finishReason: "stop",
  usage: { inputTokens: 1, outputTokens: 1, costUsd: 0 },
  model: "test",
  durationMs: 1,
};
const step: Step = { kind: "model", response };
const record = (bgo: BgoRow) => fixture.operations.store.autocommit.journal.recordForBgo(bgo, [step], "thinking");
const finish = (bgo: BgoRow) =>
  finishBgo(fixture.operations, bgo, { result: { status: "completed", output: "done" }, complete: noCompletion });

test("a claim raises the epoch; only a takeover counts a crash", async () => {
  const { id } = await fixture.spawn();
  expect((await fixture.claim(id)).bgo).toMatchObject({ status: "running", epoch: 1, crashes: 0, attempt: 1 });
  expect((await fixture.claim(id)).bgo).toMatchObject({ status: "running", epoch: 2, crashes: 1, attempt: 1 });
  expect((await fixture.audit(id)).map(({ action }) => action)).toEqual(["bgo.spawned", "bgo.running", "bgo.running"]);
});

test("of many deliveries of one segment at once, one epoch holds the row in the end", async () => {
  const bgo = await fixture.spawn();
  const arrive = createBarrier(10);
  const claims = await Promise.all(
    Array.from({ length: 10 }, async () => {
      await arrive();
      return claimBgo(fixture.operations, segmentOf(bgo), heldDelivery);
    }),
  );
  const epochs = claims.flatMap((claim) => (claim === null ? [] : [claim.bgo.epoch]));
  expect(new Set(epochs).size).toBe(epochs.length);
  const now = await fixture.bgo(bgo.id);
  if (now.status === "running") expect(now.epoch).toBe(Math.max(...epochs));
});

test("a delivery of another segment is dropped, and so is one of a BGO that has ended", async () => {
  const bgo = await fixture.spawn();
  const { bgo: claimed } = await fixture.claim(bgo.id);
  const foreign = { ...segmentOf(claimed), id: fixture.operations.identity.newSegmentId() };
  expect(await claimBgo(fixture.operations, foreign, heldDelivery)).toBeNull();
  await finish(claimed);
  expect(await claimBgo(fixture.operations, segmentOf(claimed), heldDelivery)).toBeNull();
  expect(await fixture.bgo(bgo.id)).toMatchObject({ status: "completed", epoch: 1 });
});

test("after a takeover nothing that the old worker writes matches", async () => {
  verifies("P8");
  const { id, threadId } = await fixture.spawn();
  const { bgo: zombie } = await fixture.claim(id);
  await record(zombie);
  const { bgo: heir, steps } = await fixture.claim(id);
  expect(steps.map(({ stepNo }) => stepNo)).toEqual([0]);
  const before = await fixture.bgo(id);

  const error = new PlatosError("model.failed", "later", { retryable: true });
  expect(await record(zombie)).toBeNull();
  expect(await finish(zombie)).toBe(false);
  expect(await releaseBgo(fixture.operations, zombie, noCompletion)).toBe(false);
  expect(await retryBgo(fixture.operations, zombie, { error, complete: noCompletion })).toBe(false);
  const superseded = { code: "segment.superseded" };
  await expect(reportProgress(fixture.operations, zombie, { message: "alive" })).rejects.toMatchObject(superseded);
  for (const kind of ["progress", "result"] as const) {
    const written = createBgoMessage(fixture.operations, zombie, { kind, text: "alive", callKey: kind });
    await expect(written).rejects.toMatchObject(superseded);
  }
  expect({ ...(await fixture.bgo(id)), elapsedSeconds: 0 }).toEqual({ ...before, elapsedSeconds: 0 });
  expect(await fixture.messages(threadId)).toEqual([]);

  expect(await record(heir)).not.toBeNull();
  expect(await finish(heir)).toBe(true);
  expect(await record(heir)).toBeNull();
  expect(await finish(heir)).toBe(false);
});

test("steps are numbered without a gap, and their epochs never fall", async () => {
  verifies("P8");
  const { id } = await fixture.spawn();
  for (let epoch = 1; epoch <= 3; epoch += 1) {
    const { bgo } = await fixture.claim(id);
    await record(bgo);
    await record(bgo);
  }
  const { steps } = await fixture.claim(id);
  expect(steps.map(({ stepNo, epoch }) => [stepNo, epoch])).toEqual([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ]);
});

test("a worker that was frozen since a delivery takes nothing from the one that has it now", async () => {
  verifies("P8");
  const bgo = await fixture.spawn();
  const { bgo: held } = await fixture.claim(bgo.id);
  const late = { ...heldDelivery, holdsLease: async () => false };
  expect(await claimBgo(fixture.operations, segmentOf(held), late)).toBeNull();
  expect(await fixture.bgo(bgo.id)).toMatchObject({ status: "running", epoch: 1, crashes: 0 });
  expect(await record(held)).not.toBeNull();
});

test("nor does one that was frozen after it had asked for its lease", async () => {
  const bgo = await fixture.spawn();
  await fixture.claim(bgo.id);
  let asked = 0;
  const overtaken = {
    ...heldDelivery,
    async holdsLease() {
      asked += 1;
      if (asked > 1) return false;
      await fixture.claim(bgo.id);
      return true;
    },
  };
  expect(await claimBgo(fixture.operations, segmentOf(await fixture.bgo(bgo.id)), overtaken)).toBeNull();
  expect(await fixture.bgo(bgo.id)).toMatchObject({ status: "running", epoch: 2, crashes: 1 });
});

test("a BGO that takes its workers down again and again ends as failed, with a message", async () => {
  verifies("P9.b");
  const { id, threadId } = await fixture.spawn({ label: "poison" });
  for (let crash = 0; crash <= maxCrashes; crash += 1) await fixture.claim(id);
  let completions = 0;
  const last = await claimBgo(fixture.operations, segmentOf(await fixture.bgo(id)), {
    ...heldDelivery,
    complete: async () => void (completions += 1),
  });
  expect(last).toBeNull();
  expect(await fixture.bgo(id)).toMatchObject({ status: "failed", error: { code: "worker.crashed" }, attempt: 1 });
  expect(completions).toBe(1);
  const [message] = await fixture.messages(threadId);
  expect(message).toMatchObject({
    kind: "bgo_failed",
    parts: [{ text: expect.stringMatching(/^“poison” failed: its worker died 5 times in a row/u) }],
  });
});

test("progress between crashes takes their count back", async () => {
  verifies("P9.b");
  const { id } = await fixture.spawn();
  for (let crash = 0; crash < maxCrashes * 3; crash += 1) {
    const { bgo } = await fixture.claim(id);
    if (crash % 3 === 0) await record(bgo);
  }
  expect((await fixture.bgo(id)).status).toBe("running");
});

test("a BGO that is given back is due at once under another segment and counts nothing", async () => {
  const { id } = await fixture.spawn();
  const { bgo } = await fixture.claim(id);
  expect(await releaseBgo(fixture.operations, bgo, noCompletion)).toBe(true);
  const released = await fixture.bgo(id);
  expect(released).toMatchObject({ status: "queued", attempt: 1, crashes: 0, epoch: 1 });
  expect(released.engineRunId).not.toBe(bgo.engineRunId);
  expect(await claimBgo(fixture.operations, segmentOf(bgo), heldDelivery)).toBeNull();
  expect((await fixture.claim(id)).bgo).toMatchObject({ epoch: 2, attempt: 1, crashes: 0 });
});
