import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { PlatosError } from "../core/errors.ts";
import type { Segment } from "../core/ports/engine.ts";
import type { MessageDelta } from "../core/ports/live.ts";
import { silentLog } from "../core/ports/log.ts";
import { maxAttempts } from "../core/retry.ts";
import { maxCrashes } from "../operations/claim-bgo.ts";
import { claimTurn } from "../operations/claim-turn.ts";
import { deleteThread } from "../operations/delete-thread.ts";
import { finishBgo } from "../operations/finish-bgo.ts";
import { postMessage } from "../operations/post-message.ts";
import { faultyStore, type StoreFaults } from "../testing/faulty-store.ts";
import { createGate } from "../testing/gate.ts";
import { fakeDelivery, heldDelivery, noCompletion, useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { runTurnSegment } from "./run-turn-segment.ts";
import { SuspectLine } from "./suspect-line.ts";
import type { WorkerContext } from "./worker-context.ts";

const fixture = useRuntime();
const deltas: MessageDelta[] = [];

function context(faults: StoreFaults = {}): WorkerContext {
  return {
    operations: { ...fixture.operations, store: faultyStore(fixture.operations.store, faults) },
    model: fixture.model,
    tools: [],
    live: { publishDelta: (delta) => void deltas.push(delta) },
    clock: fixture.runtime.clock,
    log: silentLog,
    suspects: new SuspectLine(),
  };
}

async function post(prompt: string, threadId?: string): Promise<{ threadId: string; turnId: string }> {
  const thread = threadId ?? (await fixture.newThread());
  const { turnId } = await postMessage(fixture.operations, fixture.caller, { threadId: thread, text: prompt });
  return { threadId: thread, turnId };
}
async function segmentOfTurn(turnId: string): Promise<Segment> {
  const rows = await fixture.database.query<{ id: string }>("select segment_id as id from platos.turns where id = $1", [
    turnId,
  ]);
  return { id: rows[0]?.id ?? "", ownerId: turnId, ownerKind: "turn" };
}
const deliver = async (turnId: string, ctx = context(), delivery = fakeDelivery()): Promise<void> =>
  runTurnSegment(ctx, await segmentOfTurn(turnId), delivery.controls);
const textsIn = async (threadId: string): Promise<string[]> =>
  (await fixture.messages(threadId)).map(({ role, parts }) => `${role}: ${JSON.stringify(parts)}`);

test("the answer is one message that grows with the journal", async () => {
  fixture.model.on("grow", [[text("Let me see."), call("list_bgos", {})], [text("Nothing runs.")]]);
  const { threadId, turnId } = await post("grow");
  await deliver(turnId);
  const messages = await fixture.messages(threadId);
  expect(messages.map(({ role, seq }) => [role, seq])).toEqual([
    ["user", 1],
    ["assistant", 2],
  ]);
  expect(messages[1]?.parts.map(({ type }) => type)).toEqual([
    "step-start",
    "text",
    "dynamic-tool",
    "step-start",
    "text",
  ]);
  expect(await fixture.turn(turnId)).toMatchObject({ status: "completed", error: null });
});

test.each(["beforeCommit", "afterCommit"] as const)(
  "a turn whose worker dies at a record, %s, spawns what it meant to, once",
  async (when) => {
    verifies("P2", "P8", "P8.a");
    for (let n = 1; n <= 3; n += 1) {
      const key = `spawn two, ${when} ${n}`;
      const spawn = (id: string) => call("spawn_bgo", { prompt: "the same" }, id);
      fixture.model.on(key, [[spawn("a"), spawn("b")], [text("Both are on their way.")]]);
      const { threadId, turnId } = await post(key);
      let seen = 0;
      const dying = context({
        [when]: async (name: string) => {
          if (name === "record answer" && (seen += 1) === n) {
            throw new PlatosError("store.unavailable", "The database is away.", { retryable: true });
          }
        },
      });
      await deliver(turnId, dying).catch(() => undefined);
      await deliver(turnId);
      expect(await fixture.turn(turnId)).toMatchObject({ status: "completed" });
      const rows = await fixture.database.query("select id from platos.platos_tasks where turn_id = $1", [turnId]);
      expect(rows).toHaveLength(2);
      expect((await fixture.messages(threadId)).map(({ role }) => role)).toEqual(["user", "assistant"]);
      const isRepeated = when === "beforeCommit" && n !== 2;
      expect(fixture.model.requestsWith(key)).toHaveLength(isRepeated ? 3 : 2);
    }
  },
);

test("a second worker finishes a turn that a lost one held, and the late answer is not shown", async () => {
  verifies("P8");
  const [asked, answer] = [createGate(), createGate()];
  fixture.model.on("who answers", async () => {
    if (fixture.model.requestsWith("who answers").length > 1) return [text("the heir")];
    asked.open();
    await answer.opened;
    return [text("the zombie")];
  });
  const { threadId, turnId } = await post("who answers");
  const zombie = deliver(turnId);
  await asked.opened;
  await deliver(turnId);
  answer.open();
  await zombie;
  const texts = await textsIn(threadId);
  expect(texts).toHaveLength(2);
  expect(texts[1]).toContain("the heir");
});

test("a turn that fails leaves a message that says why, and the next turn runs", async () => {
  verifies("P9.a");
  fixture.model.on("refuse me", () => new PlatosError("model.refused", "The model refused to answer this."));
  fixture.model.on("now answer", [[text("gladly")]]);
  const { threadId, turnId } = await post("refuse me");
  const next = await post("now answer", threadId);
  await deliver(turnId);
  expect(await fixture.turn(turnId)).toMatchObject({ status: "failed", error: { code: "model.refused" } });
  const newest = "select type from platos.events where thread_id = $1 order by id desc limit 2";
  const announced = await fixture.database.query(newest, [threadId]);
  expect(announced).toEqual([{ type: "turn.finished" }, { type: "message.created" }]);
  await deliver(next.turnId);
  expect((await textsIn(threadId)).slice(2)).toEqual([
    expect.stringContaining("This turn failed: The model refused to answer this."),
    expect.stringContaining("gladly"),
  ]);
});

test("a turn whose model is overloaded is tried again, and fails when it stays so", async () => {
  verifies("P9");
  fixture.model.on("overloaded", () => new PlatosError("model.failed", "overloaded", { retryable: true }));
  const { turnId } = await post("overloaded");
  for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
    await deliver(turnId);
    expect(await fixture.turn(turnId)).toMatchObject({ status: "queued", attempt: attempt + 1 });
    const dueText = "update platos.turns set wake_at = null, segment_id = gen_random_uuid() where id = $1";
    await fixture.database.query(dueText, [turnId]);
  }
  await deliver(turnId);
  expect(await fixture.turn(turnId)).toMatchObject({ status: "failed", attempt: maxAttempts });
});

test("a worker that was frozen since a delivery takes no turn from the one that has it now", async () => {
  const { turnId } = await post("frozen");
  const segment = await segmentOfTurn(turnId);
  const held = await claimTurn(fixture.operations, segment, heldDelivery);
  const asked: boolean[] = [];
  const holdsLease = async () => {
    // Overtaken right after it was told that all is well; the second time it is told the truth.
    asked.push(asked.length === 0);
    if (asked.length === 1) await claimTurn(fixture.operations, segment, heldDelivery);
    return asked.length === 1;
  };
  expect(held?.epoch).toBe(1);
  expect(await claimTurn(fixture.operations, segment, { holdsLease })).toBeNull();
  expect(asked).toHaveLength(2);
  const [row] = await fixture.database.query("select epoch, crashes from platos.turns where id = $1", [turnId]);
  expect(row).toEqual({ epoch: 2, crashes: 1 });
  await deliver(turnId);
});

test("a turn that takes its workers down ends as failed", async () => {
  verifies("P9.b");
  const { threadId, turnId } = await post("poison");
  const segment = await segmentOfTurn(turnId);
  for (let crash = 0; crash <= maxCrashes; crash += 1) {
    await claimTurn(fixture.operations, segment, heldDelivery);
  }
  await deliver(turnId);
  expect(await fixture.turn(turnId)).toMatchObject({ status: "failed", error: { code: "worker.crashed" } });
  expect((await textsIn(threadId)).at(-1)).toContain("its worker died 5 times in a row");
});

test("a turn is given back when its worker stops, and counts no attempt", async () => {
  const asked = createGate();
  fixture.model.on("interrupted", async (_turn, { signal }) => {
    if (fixture.model.requestsWith("interrupted").length > 1) return [text("here")];
    asked.open();
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  const { turnId } = await post("interrupted");
  const delivery = fakeDelivery();
  const before = await segmentOfTurn(turnId);
  const delivered = deliver(turnId, context(), delivery);
  await asked.opened;
  delivery.stop.abort();
  await delivered;
  expect(await fixture.turn(turnId)).toMatchObject({ status: "queued", attempt: 1 });
  expect((await segmentOfTurn(turnId)).id).not.toBe(before.id);
  expect(delivery.completions()).toBe(1);
  await deliver(turnId);
  expect(await fixture.turn(turnId)).toMatchObject({ status: "completed", attempt: 1 });
});

test("a thread that is deleted in the middle of a turn stays deleted, and the delivery is closed", async () => {
  fixture.model.on("delete me", async (_turn, request) => {
    expect(request.transcript).toHaveLength(1);
    await deleteThread(fixture.operations, fixture.caller, threadId);
    return [text("too late")];
  });
  const { threadId, turnId } = await post("delete me");
  const delivery = fakeDelivery();
  await deliver(turnId, context(), delivery);
  expect(await fixture.messages(threadId)).toEqual([]);
  expect(delivery.completions()).toBe(1);
});

test("streamed text reaches viewers whole and in order, in few pieces", async () => {
  verifies("P13");
  deltas.splice(0);
  const words = Array.from({ length: 500 }, (_, index) => `word${index} `);
  fixture.model.on("stream", async (_turn, { onText }) => {
    for (const word of words) onText?.({ text: word, restart: false });
    return [text(words.join(""))];
  });
  const { turnId } = await post("stream");
  await deliver(turnId);
  let shown = "";
  for (const delta of deltas) {
    expect([delta.turnId, delta.offset]).toEqual([turnId, shown.length]);
    shown += delta.text;
  }
  expect(shown).toBe(words.join(""));
  expect(deltas.length).toBeLessThan(10);
});

test("a worker whose lease was lost while it was frozen asks no model, and leaves the turn to its successor", async () => {
  const { turnId } = await post("frozen before its model call");
  const delivery = fakeDelivery();
  delivery.loseLease();
  await deliver(turnId, context(), delivery);
  expect(fixture.model.requestsWith("frozen before its model call")).toEqual([]);
  expect(delivery.completions()).toBe(0);
  await deliver(turnId);
  expect(await fixture.turn(turnId)).toMatchObject({ status: "completed" });
});

test("a question is answered however much came in before its turn", async () => {
  const { threadId, turnId } = await post("the question before the flood");
  const { scope } = fixture.caller;
  await fixture.operations.store.transaction("flood", async (tx) => {
    await tx.threads.lock(scope, threadId);
    const parts = [{ type: "text", text: "more and more" }] as const;
    const rest = { kind: "chat", authorAgentId: null, bgoId: null, turnId: null, terminal: false } as const;
    for (let n = 0; n < 201; n += 1) {
      await tx.messages.append(scope, { id: `msg_flood${n}`, threadId, role: "assistant", parts, ...rest });
    }
  });
  await deliver(turnId);
  const [request] = fixture.model.requestsWith("the question before the flood");
  expect(request?.transcript.at(-1)).toEqual({ role: "user", text: "the question before the flood" });
});

test("a woken turn whose result was read meanwhile does nothing, also when its first worker was lost", async () => {
  verifies("P14.a");
  const { threadId, turnId } = await post("how far is it?");
  await deliver(turnId);
  const bgo = await fixture.claim((await fixture.spawn({ threadId, onComplete: "wake" })).id);
  const next = await post("and now?", threadId);
  await finishBgo(fixture.operations, bgo.bgo, {
    result: { status: "completed", output: "there" },
    complete: noCompletion,
  });
  await deliver(next.turnId);
  const [woken] = await fixture.database.query<{ id: string }>(
    "select id from platos.turns where thread_id = $1 and cause = 'wake'",
    [threadId],
  );
  const wokenId = woken?.id ?? "";
  await claimTurn(fixture.operations, await segmentOfTurn(wokenId), heldDelivery);
  const asked = fixture.model.requestsWith("and now?").length;
  await deliver(wokenId);
  expect(await fixture.turn(wokenId)).toMatchObject({ status: "completed" });
  expect(fixture.model.requestsWith("and now?")).toHaveLength(asked);
});
