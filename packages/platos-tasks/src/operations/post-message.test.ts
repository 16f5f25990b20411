import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { ClaimedTurn } from "../core/ports/store.ts";
import { heldDelivery, noCompletion, useRuntime } from "../testing/runtime-fixture.ts";
import { faultyStore } from "../testing/faulty-store.ts";
import { createTestTenant } from "../testing/test-runtime.ts";
import { claimTurn } from "./claim-turn.ts";
import { createThread } from "./create-thread.ts";
import { finishTurn, releaseTurn, retryTurn } from "./finish-turn.ts";
import { postMessage } from "./post-message.ts";
import { PlatosError } from "../core/errors.ts";
import { wakeDue } from "./wake-due.ts";

const fixture = useRuntime();

const post = (threadId: string, text: string, idempotencyKey?: string) =>
  postMessage(fixture.operations, fixture.caller, {
    threadId,
    text,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });

/** Segments of the thread's open turns, in the order of their positions; null: waiting behind another. */
const segments = async (threadId: string): Promise<(string | null)[]> => {
  const text = `select segment_id from platos.turns
    where thread_id = $1 and status in ('queued', 'running') order by position`;
  const rows = await fixture.database.query<{ segment_id: string | null }>(text, [threadId]);
  return rows.map((row) => row.segment_id);
};

async function claim(turnId: string): Promise<ClaimedTurn> {
  const text = "select segment_id from platos.turns where id = $1";
  const [row] = await fixture.database.query<{ segment_id: string }>(text, [turnId]);
  const segment = { id: row?.segment_id ?? "", ownerId: turnId, ownerKind: "turn" } as const;
  const turn = await claimTurn(fixture.operations, segment, heldDelivery);
  if (turn === null) throw new Error(`${turnId} could not be claimed.`);
  return turn;
}
const end = (turn: ClaimedTurn, error: { code: "model.failed"; message: string } | null = null) =>
  finishTurn(fixture.operations, turn, { error, complete: noCompletion });

test("a message and the turn that answers it are committed together, or neither is", async () => {
  const threadId = await fixture.newThread();
  const store = faultyStore(fixture.operations.store, { beforeCommit: () => Promise.reject(new Error("no")) });
  const broken = postMessage({ ...fixture.operations, store }, fixture.caller, { threadId, text: "hello" });
  await expect(broken).rejects.toThrow("no");
  expect([await fixture.messages(threadId), await segments(threadId)]).toEqual([[], []]);
  const posted = await post(threadId, "hello");
  expect(await fixture.messages(threadId)).toMatchObject([
    { id: posted.messageId, seq: 1, role: "user", turnId: posted.turnId, parts: [{ text: "hello" }] },
  ]);
  expect(await segments(threadId)).toEqual([expect.any(String)]);
});

test("posting again under a key gives the first message's ids, and one turn", async () => {
  verifies("R2");
  const threadId = await fixture.newThread();
  const all = await Promise.all(Array.from({ length: 10 }, () => post(threadId, "hello", "k")));
  expect(new Set(all.map(({ messageId, turnId, seq }) => `${messageId} ${turnId} ${seq}`)).size).toBe(1);
  expect(all.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
  expect(await segments(threadId)).toHaveLength(1);
  await expect(post(threadId, "other", "k")).rejects.toMatchObject({ code: "idempotency.conflict" });
});

test("messages posted at once get gapless numbers, and one of their turns is due", async () => {
  const threadId = await fixture.newThread();
  await Promise.all(Array.from({ length: 20 }, (_, index) => post(threadId, `m${index}`)));
  expect((await fixture.messages(threadId)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  expect((await segments(threadId)).filter((segment) => segment !== null)).toHaveLength(1);
});

test("a second message queues behind the first, whose end starts it, also when that end is a failure", async () => {
  const threadId = await fixture.newThread();
  const [first, second, third] = [
    await post(threadId, "one"),
    await post(threadId, "two"),
    await post(threadId, "three"),
  ];
  expect((await segments(threadId)).map((segment) => segment !== null)).toEqual([true, false, false]);
  expect(await end(await claim(first.turnId))).toBe(true);
  const running = await claim(second.turnId);
  expect((await segments(threadId)).map((segment) => segment !== null)).toEqual([true, false]);
  expect(await end(running, { code: "model.failed", message: "the model is away." })).toBe(true);
  expect((await fixture.messages(threadId)).at(-1)).toMatchObject({
    role: "system",
    turnId: second.turnId,
    parts: [{ text: "This turn failed: the model is away." }],
  });
  expect((await claim(third.turnId)).openingSeq).toBe(4);
});

test("what a turn sees ends where it first began, also after a takeover", async () => {
  const threadId = await fixture.newThread();
  const { turnId } = await post(threadId, "one");
  expect((await claim(turnId)).openingSeq).toBe(1);
  await post(threadId, "two");
  expect(await claim(turnId)).toMatchObject({ openingSeq: 1, epoch: 2, crashes: 1 });
});

test("after a takeover the old worker can neither end the turn nor give it back", async () => {
  verifies("P8");
  const threadId = await fixture.newThread();
  const { turnId } = await post(threadId, "one");
  const zombie = await claim(turnId);
  const heir = await claim(turnId);
  const error = new PlatosError("model.failed", "later", { retryable: true });
  expect(await end(zombie)).toBe(false);
  expect(await releaseTurn(fixture.operations, zombie, noCompletion)).toBe(false);
  expect(await retryTurn(fixture.operations, zombie, { error, complete: noCompletion })).toBe(false);
  expect(await end(heir)).toBe(true);
  expect(await end(heir)).toBe(false);
  expect((await fixture.turn(turnId)).status).toBe("completed");
});

test("while a turn waits for its next attempt, later ones stay behind it", async () => {
  verifies("P9");
  const threadId = await fixture.newThread();
  const first = await post(threadId, "one");
  const error = new PlatosError("model.failed", "later", { retryable: true });
  await retryTurn(fixture.operations, await claim(first.turnId), { error, complete: noCompletion });
  await post(threadId, "two");
  expect(await segments(threadId)).toEqual([null, null]);
  await fixture.database.query("update platos.turns set wake_at = now() where id = $1", [first.turnId]);
  await wakeDue(fixture.operations);
  expect(await claim(first.turnId)).toMatchObject({ attempt: 2, crashes: 0 });
});

test("a thread of another environment is not found", async () => {
  verifies("P37");
  const threadId = await fixture.newThread();
  const other = await createTestTenant(fixture.runtime);
  const posted = postMessage(fixture.operations, other, { threadId, text: "hello" });
  await expect(posted).rejects.toMatchObject({ code: "thread.not_found" });
  expect(await fixture.messages(threadId)).toEqual([]);
});

test("a chat client's own id always means the same thread, also in two first calls at once", async () => {
  const request = { agent: fixture.agent.slug, clientChatId: "chat-1" };
  const made = await Promise.all(
    Array.from({ length: 10 }, () => createThread(fixture.operations, fixture.caller, request)),
  );
  made.push(await createThread(fixture.operations, fixture.caller, request));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
});

test("NUL bytes and lone surrogates in a message are stored as replacement characters", async () => {
  verifies("R4");
  const threadId = await fixture.newThread();
  const posted = await post(threadId, "a\0b\udfffc", "k\0");
  const [message] = await fixture.messages(threadId);
  expect(message?.parts).toEqual([{ type: "text", text: "a\ufffdb\ufffdc" }]);
  expect(await post(threadId, "a\0b\udfffc", "k\0")).toMatchObject({ messageId: posted.messageId, deduplicated: true });
});
