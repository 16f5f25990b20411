import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { BgoRow, ClaimedTurn } from "../core/ports/store.ts";
import { createGate } from "../testing/gate.ts";
import { faultyStore } from "../testing/faulty-store.ts";
import { noCompletion, useRuntime } from "../testing/runtime-fixture.ts";
import { eventually } from "../testing/test-runtime.ts";
import { cancelBgo } from "./cancel-bgo.ts";
import type { OperationContext } from "./context.ts";
import { createBgoMessage } from "./create-bgo-message.ts";
import { deleteThread } from "./delete-thread.ts";
import { finishBgo } from "./finish-bgo.ts";
import { finishTurn } from "./finish-turn.ts";
import { postMessage } from "./post-message.ts";

const fixture = useRuntime();

const finish = (bgo: BgoRow, output = "done", ctx: OperationContext = fixture.operations) =>
  finishBgo(ctx, bgo, { result: { status: "completed", output }, complete: noCompletion });

async function running(threadId: string, onComplete: "message" | "wake" = "message"): Promise<BgoRow> {
  return (await fixture.claim((await fixture.spawn({ threadId, onComplete })).id)).bgo;
}

interface OpenTurn {
  readonly id: string;
  readonly segment_id: string | null;
  readonly opening_seq: number | null;
}
const wakeTurns = (threadId: string) =>
  fixture.database.query<OpenTurn & Record<string, unknown>>(
    "select id, segment_id, opening_seq from platos.turns where thread_id = $1 and cause = 'wake' order by position",
    [threadId],
  );
const claimTurn = (turn: OpenTurn | undefined): Promise<ClaimedTurn | null> =>
  fixture.operations.store.autocommit.turns.claim(turn?.id ?? "", turn?.segment_id ?? "", null);

test("a result, its status and its message appear in one commit, or none of them does", async () => {
  verifies("P12");
  const threadId = await fixture.newThread();
  const bgo = await running(threadId);
  const store = faultyStore(fixture.operations.store, { beforeCommit: () => Promise.reject(new Error("no")) });
  await expect(finish(bgo, "lost", { ...fixture.operations, store })).rejects.toThrow("no");
  expect((await fixture.bgo(bgo.id)).status).toBe("running");
  expect(await fixture.messages(threadId)).toEqual([]);
  expect(await finish(bgo)).toBe(true);
  const rows = await fixture.database.query(
    `select b.xmin = m.xmin as together from platos.platos_tasks b join platos.messages m on m.bgo_id = b.id where b.id = $1`,
    [bgo.id],
  );
  expect(rows).toEqual([{ together: true }]);
});

test("a progress message whose call is executed again is posted once", async () => {
  verifies("P2");
  const threadId = await fixture.newThread();
  const bgo = await running(threadId);
  const message = { kind: "progress", text: "Once.", callKey: "the call" } as const;
  const posted = await Promise.all(
    Array.from({ length: 10 }, () => createBgoMessage(fixture.operations, bgo, message)),
  );
  expect(posted).toEqual(Array.from({ length: 10 }, () => ({ state: "posted" })));
  expect(await fixture.messages(threadId)).toMatchObject([{ kind: "progress", parts: [{ text: "Once." }] }]);
});

test("results without wake open no turn", async () => {
  const threadId = await fixture.newThread();
  await finish(await running(threadId));
  expect(await wakeTurns(threadId)).toEqual([]);
});

test("results that come before the woken turn has begun open one turn, which sees them all", async () => {
  verifies("P14", "P14.a");
  const threadId = await fixture.newThread();
  const bgos = [];
  for (let count = 0; count < 5; count += 1) bgos.push(await running(threadId, "wake"));
  await Promise.all(bgos.map((bgo, index) => finish(bgo, `result ${index}`)));
  const turns = await wakeTurns(threadId);
  expect(turns).toHaveLength(1);
  expect(await claimTurn(turns[0])).toMatchObject({ openingSeq: 5, position: 1, cause: "wake" });
});

test("a failed and a cancelled BGO wake their agent too", async () => {
  verifies("P14");
  const threadId = await fixture.newThread();
  const bgo = await running(threadId, "wake");
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
  expect(await wakeTurns(threadId)).toHaveLength(1);
});

test("a result that comes after the woken turn has begun opens another turn, behind it", async () => {
  verifies("P14.a");
  const threadId = await fixture.newThread();
  const [first, second] = [await running(threadId, "wake"), await running(threadId, "wake")];
  await finish(first);
  const turn = await claimTurn((await wakeTurns(threadId))[0]);
  await finish(second);
  const turns = await wakeTurns(threadId);
  expect(turns.map(({ segment_id: segment }) => segment !== null)).toEqual([true, false]);
  if (turn !== null) await finishTurn(fixture.operations, turn, { error: null, complete: noCompletion });
  expect(await claimTurn((await wakeTurns(threadId))[1])).toMatchObject({ openingSeq: 2 });
});

test("a result that is committing while the woken turn begins is seen by it, or wakes the agent again", async () => {
  verifies("P14.a");
  const threadId = await fixture.newThread();
  const [first, second] = [await running(threadId, "wake"), await running(threadId, "wake")];
  await finish(first);
  const [waiting] = await wakeTurns(threadId);
  // The second result has found the waiting turn and relies on it, but is not committed.
  const [written, mayCommit] = [createGate(), createGate()];
  const store = faultyStore(fixture.operations.store, {
    async beforeCommit() {
      written.open();
      await mayCommit.opened;
    },
  });
  const finished = finish(second, "second", { ...fixture.operations, store });
  await written.opened;
  let hasClaimed = false;
  const claimed = claimTurn(waiting).finally(() => (hasClaimed = true));
  await eventually("the claim to be through or to wait for a lock", async () => {
    const text = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    return hasClaimed || (await fixture.database.query(text)).length > 0;
  });
  mayCommit.open();
  expect(await finished).toBe(true);
  const turn = await claimed;
  const later = (await wakeTurns(threadId)).filter(({ id }) => id !== waiting?.id);
  expect((turn?.openingSeq ?? 0) >= 2 || later.length > 0).toBe(true);
});

test("a BGO whose thread was deleted keeps its result, and its message is suppressed with an audit entry", async () => {
  verifies("P12");
  for (const how of ["finish", "cancel"] as const) {
    const threadId = await fixture.newThread();
    const bgo = await running(threadId, "wake");
    await deleteThread(fixture.operations, fixture.caller, threadId);
    const noted = createBgoMessage(fixture.operations, bgo, { kind: "progress", text: "half", callKey: "k" });
    await expect(noted).rejects.toMatchObject({ code: "thread.not_found" });
    if (how === "finish") expect(await finish(bgo)).toBe(true);
    else await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
    expect((await fixture.bgo(bgo.id)).status).toBe(how === "finish" ? "completed" : "cancelled");
    expect(await fixture.messages(threadId)).toEqual([]);
    expect(await wakeTurns(threadId)).toEqual([]);
    const actions = (await fixture.audit(bgo.id)).map(({ action }) => action);
    expect(actions.filter((action) => action === "message.suppressed")).toHaveLength(1);
  }
});

test("a thread that is deleted while a result is delivered has its message or a suppressed one, never neither", async () => {
  for (let round = 0; round < 30; round += 1) {
    const threadId = await fixture.newThread();
    const bgo = await running(threadId);
    await postMessage(fixture.operations, fixture.caller, { threadId, text: "hello" });
    await Promise.all([finish(bgo), deleteThread(fixture.operations, fixture.caller, threadId)]);
    expect((await fixture.bgo(bgo.id)).status).toBe("completed");
    expect(await fixture.messages(threadId)).toEqual([]);
  }
});

test("a result that an earlier turn has read leaves the woken turn nothing to do", async () => {
  verifies("P14.a");
  const { turns } = fixture.operations.store.autocommit;
  const threadId = await fixture.newThread();
  const bgo = await running(threadId, "wake");
  await postMessage(fixture.operations, fixture.caller, { threadId, text: "how far is it?" });
  await finish(bgo);
  const [waiting] = await wakeTurns(threadId);
  const woken = { id: waiting?.id ?? "", threadId };
  expect(await turns.hasUnreadResults(woken)).toBe(true);
  // The turn of the message begins after the result came in, so the result is part of what it reads.
  const [asked] = await fixture.database.query<OpenTurn & Record<string, unknown>>(
    "select id, segment_id, opening_seq from platos.turns where thread_id = $1 and cause = 'message'",
    [threadId],
  );
  const reading = await claimTurn(asked);
  expect(reading).toMatchObject({ openingSeq: 2 });
  expect(await turns.hasUnreadResults(woken)).toBe(false);
  // One that failed has told nobody of it.
  if (reading === null) throw new Error("The turn could not be claimed.");
  await finishTurn(fixture.operations, reading, { error: { code: "internal", message: "no" }, complete: noCompletion });
  expect(await turns.hasUnreadResults(woken)).toBe(true);
});

test("BGOs that wake their agent count as nesting, so a chain of wakes ends", async () => {
  verifies("P5");
  const threadId = await fixture.newThread();
  let bgo = await running(threadId, "wake");
  for (let depth = 1; depth <= fixture.operations.caps.maxDepth; depth += 1) {
    expect(bgo.depth).toBe(depth);
    await finish(bgo);
    const turn = await claimTurn((await wakeTurns(threadId)).at(-1));
    if (turn === null) throw new Error("The woken turn was not claimed.");
    expect(turn.depth).toBe(depth);
    const parent = { kind: "turn", turnId: turn.id, depth: turn.depth } as const;
    const next = fixture.spawn({ threadId, onComplete: "wake", parent });
    if (depth === fixture.operations.caps.maxDepth) {
      await expect(next).rejects.toMatchObject({ code: "bgo.cap_reached" });
      return;
    }
    const spawned = await next;
    await finishTurn(fixture.operations, turn, { error: null, complete: noCompletion });
    bgo = (await fixture.claim(spawned.id)).bgo;
  }
});
