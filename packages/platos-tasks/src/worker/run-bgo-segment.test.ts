import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { limits } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";
import { textOfMessage } from "../core/message.ts";
import { maxAttempts } from "../core/retry.ts";
import { silentLog } from "../core/ports/log.ts";
import type { BgoRow } from "../core/ports/store.ts";
import { suspectCrashes } from "../operations/claim-bgo.ts";
import { updateAgent } from "../operations/save-agent.ts";
import { countingTools } from "../testing/counting-tools.ts";
import { createGate } from "../testing/gate.ts";
import { type FakeDelivery, fakeDelivery, segmentOf, useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { createTestAgent } from "../testing/test-runtime.ts";
import { runBgoSegment } from "./run-bgo-segment.ts";
import { SuspectLine } from "./suspect-line.ts";
import type { WorkerContext } from "./worker-context.ts";

const { tools } = countingTools();
const fixture = useRuntime({ tools });

const context = (): WorkerContext => ({
  operations: fixture.operations,
  model: fixture.model,
  tools,
  live: { publishDelta: () => undefined },
  clock: fixture.runtime.clock,
  log: silentLog,
  suspects: new SuspectLine(),
});

/** Delivers the BGO's segment to a worker, once. */
async function deliver(bgoId: string, delivery: FakeDelivery = fakeDelivery()): Promise<BgoRow> {
  await runBgoSegment(context(), segmentOf(await fixture.bgo(bgoId)), delivery.controls);
  return fixture.bgo(bgoId);
}

const later = () => new PlatosError("model.failed", "the model is overloaded", { retryable: true, retryAfterMs: 1 });

test("a failure that may pass is tried again with growing pauses, then ends the BGO with a message", async () => {
  verifies("P9", "P9.a");
  fixture.model.on("overloaded", () => later());
  const { id, threadId } = await fixture.spawn({ prompt: "overloaded" });
  const pauses: number[] = [];
  for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
    const delivery = fakeDelivery();
    expect(await deliver(id, delivery)).toMatchObject({ status: "queued", attempt: attempt + 1, engineRunId: null });
    expect(delivery.completions()).toBe(1);
    const waitText = `select extract(epoch from wake_at - moved_at)::float8 as seconds
      from platos.platos_tasks where id = $1`;
    const [row] = await fixture.database.query<{ seconds: number }>(waitText, [id]);
    const dueText = "update platos.platos_tasks set wake_at = null, segment_id = gen_random_uuid() where id = $1";
    await fixture.database.query(dueText, [id]);
    pauses.push(row?.seconds ?? 0);
  }
  // Each pause is twice the one before, up to five minutes, and up to half as long again.
  const shortest = [2, 4, 8, 16, 32, 64, 128, 256, 300];
  expect(pauses).toHaveLength(shortest.length);
  for (const [index, least] of shortest.entries()) {
    expect(pauses[index]).toBeGreaterThanOrEqual(least);
    expect(pauses[index]).toBeLessThanOrEqual(least * 1.5);
  }
  const error = { code: "model.failed", message: "the model is overloaded" };
  expect(await deliver(id)).toMatchObject({ status: "failed", attempt: maxAttempts, error, crashes: 0 });
  expect((await fixture.messages(threadId)).map(({ kind }) => kind)).toEqual(["bgo_failed"]);
});

test("a failure that cannot pass ends the BGO at once, and the message says what went wrong", async () => {
  verifies("P9.a");
  fixture.model.on("no key", () => new PlatosError("model.key_missing", "Set OPENAI_API_KEY."));
  const { id, threadId } = await fixture.spawn({ prompt: "no key", label: "ask" });
  expect(await deliver(id)).toMatchObject({ status: "failed", attempt: 1, error: { code: "model.key_missing" } });
  const [message] = await fixture.messages(threadId);
  expect(message?.parts).toEqual([{ type: "text", text: "“ask” failed: Set OPENAI_API_KEY." }]);
});

test("an error of nobody's making is told without its inside", async () => {
  fixture.model.on("boom", () => new TypeError("undefined is not a secret"));
  const { id, threadId } = await fixture.spawn({ prompt: "boom" });
  expect(await deliver(id)).toMatchObject({ status: "failed", error: { code: "internal" } });
  expect(JSON.stringify(await fixture.messages(threadId))).not.toContain("secret");
});

test("a budget that is used up ends the BGO with what it had so far", async () => {
  verifies("P10", "P10.a");
  fixture.model.on("endless", () => [text("half of it"), call("pure", {})]);
  const { id, threadId } = await fixture.spawn({ prompt: "endless", budget: { maxTurns: 3 } });
  expect(await deliver(id)).toMatchObject({ status: "failed", modelCalls: 3, output: "half of it" });
  expect(fixture.model.requestsWith("endless")).toHaveLength(3);
  const [message] = await fixture.messages(threadId);
  expect(message?.parts).toEqual([
    { type: "text", text: expect.stringMatching(/^“endless” failed: it has used up its 3 model calls.*half of it$/su) },
  ]);
});

test("a worker that stops gives its BGO back at once, and the next one goes on", async () => {
  verifies("P8", "P8.a");
  const asked = createGate();
  fixture.model.on("stopped", async (turn, { signal }) => {
    if (turn === 0) return [call("pure", {})];
    if (fixture.model.requestsWith("stopped").length > 2) return [text("done")];
    asked.open();
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  const { id } = await fixture.spawn({ prompt: "stopped" });
  const delivery = fakeDelivery();
  const delivered = deliver(id, delivery);
  await asked.opened;
  delivery.stop.abort();
  expect(await delivered).toMatchObject({ status: "queued", attempt: 1, crashes: 0, modelCalls: 1 });
  expect(delivery.completions()).toBe(1);
  expect(await deliver(id)).toMatchObject({ status: "completed", output: "done", attempt: 1, modelCalls: 2 });
  expect(fixture.model.requestsWith("stopped")).toHaveLength(3);
});

test("a worker whose lease was lost writes nothing and closes nothing", async () => {
  const asked = createGate();
  fixture.model.on("lost", async (_turn, { signal }) => {
    asked.open();
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  const { id } = await fixture.spawn({ prompt: "lost" });
  const delivery = fakeDelivery();
  const delivered = deliver(id, delivery);
  await asked.opened;
  const before = await fixture.bgo(id);
  delivery.abort.abort();
  expect((await delivered).rev).toBe(before.rev);
  expect(delivery.completions()).toBe(0);
});

test("a second worker finishes what a lost one held, and the first one's late answer changes nothing", async () => {
  verifies("P8", "P12");
  const [asked, answer] = [createGate(), createGate()];
  fixture.model.on("zombie", async () => {
    if (fixture.model.requestsWith("zombie").length > 1) return [text("by the heir")];
    asked.open();
    await answer.opened;
    return [text("by the zombie")];
  });
  const { id, threadId } = await fixture.spawn({ prompt: "zombie" });
  const zombie = deliver(id);
  await asked.opened;
  const finished = await deliver(id);
  expect(finished).toMatchObject({ status: "completed", output: "by the heir", epoch: 2 });
  answer.open();
  expect({ ...(await zombie), elapsedSeconds: 0 }).toEqual({ ...finished, elapsedSeconds: 0 });
  expect((await fixture.messages(threadId)).map(({ parts }) => parts)).toEqual([[text("by the heir")]]);
  const steps = await fixture.operations.store.autocommit.journal.read({ id });
  expect(steps.map(({ stepNo, epoch }) => [stepNo, epoch])).toEqual([[0, 2]]);
});

/** As workers left it of whom nothing was heard again: the next one to claim it makes it a suspect. */
async function loseWorkers(bgoId: string): Promise<void> {
  for (let lost = 0; lost < suspectCrashes; lost += 1) await fixture.claim(bgoId);
}

test("of BGOs that have lost several workers in a row one runs at a time, until it gets on", async () => {
  verifies("P9");
  const [asked, answer, askedAgain, end] = [createGate(), createGate(), createGate(), createGate()];
  fixture.model.on("first suspect", async (turn) => {
    (turn === 0 ? asked : askedAgain).open();
    await (turn === 0 ? answer : end).opened;
    return turn === 0 ? [call("pure", {})] : [text("done")];
  });
  const [first, second, healthy] = [
    await fixture.spawn({ prompt: "first suspect" }),
    await fixture.spawn({ prompt: "second suspect" }),
    await fixture.spawn({ prompt: "healthy" }),
  ];
  await loseWorkers(first.id);
  await loseWorkers(second.id);
  const ctx = context();
  const run = async ({ id }: BgoRow, delivery = fakeDelivery()): Promise<BgoRow> => {
    await runBgoSegment(ctx, segmentOf(await fixture.bgo(id)), delivery.controls);
    return fixture.bgo(id);
  };
  const firstRuns = run(first);
  await asked.opened;
  const secondRuns = run(second);
  expect((await run(healthy)).status).toBe("completed");
  // Not even claimed: a crash of the other one is not counted as one of its own.
  expect(await fixture.bgo(second.id)).toMatchObject({ status: "running", crashes: suspectCrashes - 1 });
  answer.open();
  expect(await secondRuns).toMatchObject({ status: "completed" });
  await askedAgain.opened;
  end.open();
  expect(await firstRuns).toMatchObject({ status: "completed", output: "done" });
});

test("a BGO that stands in line is given back when its worker stops, and nothing of it is begun", async () => {
  verifies("P9");
  const ctx = context();
  const { id } = await fixture.spawn({ prompt: "a suspect in line" });
  await loseWorkers(id);
  const leave = await ctx.suspects.enter(new AbortController().signal);
  const delivery = fakeDelivery();
  const running = runBgoSegment(ctx, segmentOf(await fixture.bgo(id)), delivery.controls);
  delivery.stop.abort(new PlatosError("segment.superseded", "The worker is stopping."));
  await running;
  leave();
  expect(await fixture.bgo(id)).toMatchObject({ status: "queued", crashes: suspectCrashes });
  expect(delivery.completions()).toBe(1);
  expect(fixture.model.requestsWith("a suspect in line")).toEqual([]);
});

test("a BGO keeps the agent it was made with, whatever becomes of the agent before and while it runs", async () => {
  verifies("P8");
  const agent = await createTestAgent(fixture.runtime, fixture.caller, { slug: "changing", model: "demo:first" });
  const change = (model: string) =>
    updateAgent(fixture.operations, fixture.caller, {
      agent: "changing",
      settings: { model, systemPrompt: "You are another.", tools: [], metaTools: [] },
    });
  fixture.model.on("pinned", async (turn) => {
    if (turn > 0) return [text("done")];
    await change("demo:third");
    return [call("pure", {})];
  });
  const { id } = await fixture.spawn({ prompt: "pinned", threadId: await fixture.newThread(agent) });
  await change("demo:second");
  expect((await deliver(id)).status).toBe("completed");
  const requests = fixture.model.requestsWith("pinned");
  expect(requests.map(({ model }) => model)).toEqual(["demo:first", "demo:first"]);
  for (const request of requests) {
    expect(request.system).toContain("You are a helpful assistant.");
    expect(request.tools.map(({ name }) => name)).toContain("pure");
  }
});

test("NUL bytes and lone surrogates in answers, arguments and tool output are stored and delivered safely", async () => {
  verifies("R4");
  const nasty = "a\0b\ud800c";
  const clean = "a\ufffdb\ufffdc";
  fixture.model.on("nasty", (turn) =>
    turn === 0 ? [text(nasty), call("pure", { [nasty]: nasty, answer: { [nasty]: [nasty] } }, nasty)] : [text(nasty)],
  );
  const { id, threadId } = await fixture.spawn({ prompt: "nasty" });
  expect(await deliver(id)).toMatchObject({ status: "completed", output: clean });
  expect((await fixture.messages(threadId))[0]?.parts).toEqual([text(clean)]);
  const steps = await fixture.operations.store.autocommit.journal.read({ id });
  expect(steps[1]?.step).toMatchObject({ result: { callId: clean, output: { [clean]: [clean] } } });
});

test("an answer of ten megabytes still ends its BGO with one message, which is cut and says where the whole is", async () => {
  verifies("P12");
  const huge = "é".repeat(5 * 1024 * 1024);
  fixture.model.on("huge", (turn) => (turn === 0 ? [call("pure", { answer: huge })] : [text(huge)]));
  const { id, threadId } = await fixture.spawn({ prompt: "huge" });
  expect(await deliver(id)).toMatchObject({ status: "completed", output: huge });
  const messages = await fixture.messages(threadId);
  expect(messages.map(({ kind }) => kind)).toEqual(["bgo_completed"]);
  const said = messages.map(textOfMessage).join("");
  expect(said.length).toBeLessThan(limits.messageChars + 200);
  expect(said).toMatch(new RegExp(`^é+\n\\[cut here: .+; the whole is the output of ${id}\\]$`, "u"));
  // What a tool gave is cut, so that the next model call can bear it.
  const last = fixture.model.requestsWith("huge").at(-1)?.transcript.at(-1);
  expect(JSON.stringify(last).length).toBeLessThan(1024 * 1024);
});

test("a worker whose lease was lost while it was frozen asks no model, and leaves the BGO to its successor", async () => {
  verifies("P17");
  const { id } = await fixture.spawn({ prompt: "frozen before its model call" });
  const delivery = fakeDelivery();
  delivery.loseLease();
  expect(await deliver(id, delivery)).toMatchObject({ status: "running", epoch: 1, modelCalls: 0 });
  expect(fixture.model.requestsWith("frozen before its model call")).toEqual([]);
  expect(delivery.completions()).toBe(0);
});
