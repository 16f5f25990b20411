import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { BgoRow } from "../core/ports/store.ts";
import { createTestAgent, createTestThread } from "../testing/test-runtime.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { cancelBgo } from "./cancel-bgo.ts";
import type { Caller, OperationContext } from "./context.ts";
import { postMessage } from "./post-message.ts";
import { spawnBgo } from "./spawn-bgo.ts";
import type { SpawnParent, SpawnRequest } from "./spawn-request.ts";

const fixture = useRuntime();

/** Fifty spawners at once; gives how many got through, and checks that the others were refused for the cap. */
async function fiftySpawn(request: (index: number) => SpawnRequest, ctx: OperationContext = fixture.operations) {
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) => spawnBgo(ctx, fixture.caller, request(index))),
  );
  const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  for (const reason of refused) expect(reason).toMatchObject({ code: "bgo.cap_reached" });
  return results.length - refused.length;
}

async function newTurn(threadId: string): Promise<Extract<SpawnParent, { kind: "turn" }>> {
  const { turnId } = await postMessage(fixture.operations, fixture.caller, { threadId, text: "hello" });
  return { kind: "turn", turnId, depth: 0 };
}

test("of fifty spawners one below the thread's limit exactly one gets through", async () => {
  verifies("P5");
  const ctx = { ...fixture.operations, caps: { ...fixture.operations.caps, maxLivePerThread: 3 } };
  const threadId = await fixture.newThread();
  const earlier = [await fixture.spawn({ threadId }), await fixture.spawn({ threadId })];
  expect(await fiftySpawn((index) => ({ threadId, prompt: `p${index}` }), ctx)).toBe(1);
  // Those that have ended do not count.
  for (const { id } of earlier) await cancelBgo(fixture.operations, fixture.caller, { bgoId: id });
  expect(await fiftySpawn((index) => ({ threadId, prompt: `q${index}` }), ctx)).toBe(2);
});

test("a turn spawns ten BGOs at most, however many ask at once", async () => {
  verifies("P5");
  const threadId = await fixture.newThread();
  const parent = await newTurn(threadId);
  expect(await fiftySpawn((index) => ({ threadId, parent, prompt: `p${index}` }))).toBe(10);
  const next = await newTurn(threadId);
  expect(await fiftySpawn((index) => ({ threadId, parent: next, prompt: `p${index}` }))).toBe(10);
});

test("a turn spawns ten BGOs at most, also when it spreads them over threads", async () => {
  verifies("P5");
  const parent = await newTurn(await fixture.newThread());
  const threads = await Promise.all(Array.from({ length: 50 }, () => fixture.newThread()));
  expect(await fiftySpawn((index) => ({ threadId: threads[index] ?? "", parent, prompt: "p" }))).toBe(10);
  expect(await fiftySpawn(() => ({ agent: fixture.agent.slug, parent, prompt: "p" }))).toBe(0);
});

test("a BGO spawns ten children at most, and all of them in its own thread", async () => {
  verifies("P5", "P5.c");
  const bgo = await fixture.spawn();
  const parent = { kind: "bgo", bgo } as const;
  for (const place of [{ threadId: await fixture.newThread() }, { agent: fixture.agent.slug }]) {
    const elsewhere = spawnBgo(fixture.operations, fixture.caller, { ...place, parent, prompt: "p" });
    await expect(elsewhere).rejects.toMatchObject({ code: "input.invalid" });
  }
  expect(await fiftySpawn(() => ({ threadId: bgo.threadId, parent, prompt: "p" }))).toBe(10);
});

test("a BGO that has ended spawns nothing more, and a repeated call is still answered with its child", async () => {
  verifies("P5.c");
  const bgo = await fixture.spawn();
  const request = { threadId: bgo.threadId, parent: { kind: "bgo", bgo }, prompt: "p", derivedKey: bgo.id } as const;
  const child = await spawnBgo(fixture.operations, fixture.caller, request);
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
  const late = spawnBgo(fixture.operations, fixture.caller, { ...request, derivedKey: `late ${bgo.id}` });
  await expect(late).rejects.toMatchObject({ code: "segment.superseded" });
  const again = await spawnBgo(fixture.operations, fixture.caller, request);
  expect(again).toMatchObject({ deduplicated: true, bgo: { id: child.bgo.id, status: "cancelled" } });
});

test("a child has its parent's budget or less, and keys that its siblings do not meet", async () => {
  verifies("P7", "P5.c");
  const bgo = await fixture.spawn({ budget: { maxTurns: 5, maxTokens: 1000 } });
  const parent = { kind: "bgo", bgo } as const;
  const child = await fixture.spawn({ parent, budget: { maxTurns: 50, maxCostUsd: 1 }, idempotencyKey: "mine" });
  expect(child.budget).toEqual({ maxTurns: 5, maxTokens: 1000, maxCostUsd: 1 });
  expect((await fixture.spawn({ parent, budget: { maxTurns: 50, maxCostUsd: 1 }, idempotencyKey: "mine" })).id).toBe(
    child.id,
  );
  const other = await fixture.spawn({ threadId: bgo.threadId, idempotencyKey: "mine" });
  expect(other.id).not.toBe(child.id);
});

test("a repeated call is answered with its BGO although the caps are reached", async () => {
  verifies("P2", "P5");
  const threadId = await fixture.newThread();
  const request = { threadId, parent: await newTurn(threadId), prompt: "first", derivedKey: `first in ${threadId}` };
  const { bgo } = await spawnBgo(fixture.operations, fixture.caller, request);
  await fiftySpawn((index) => ({ ...request, prompt: "more", derivedKey: `${index} in ${threadId}` }));
  const again = await spawnBgo(fixture.operations, fixture.caller, request);
  expect(again).toMatchObject({ deduplicated: true, bgo: { id: bgo.id } });
});

test("BGOs are nested three deep and no deeper", async () => {
  verifies("P5");
  let bgo: BgoRow = await fixture.spawn();
  for (let depth = 2; depth <= 3; depth += 1) {
    bgo = await fixture.spawn({ parent: { kind: "bgo", bgo } });
    expect(bgo.depth).toBe(depth);
  }
  const parent = { kind: "bgo", bgo } as const;
  await expect(fixture.spawn({ parent })).rejects.toMatchObject({ code: "bgo.cap_reached" });
});

test("a BGO has its agent's tools or fewer, a child its parent's or fewer", async () => {
  verifies("P7");
  const agent = await createTestAgent(fixture.runtime, fixture.caller, { slug: "with-tools", tools: ["a", "b"] });
  const threadId = await fixture.newThread(agent);
  expect((await fixture.spawn({ threadId })).tools).toEqual(["a", "b"]);
  const bgo = await fixture.spawn({ threadId, tools: ["b"] });
  expect(bgo.tools).toEqual(["b"]);
  const parent = { kind: "bgo", bgo } as const;
  expect((await fixture.spawn({ threadId, parent })).tools).toEqual(["b"]);
  expect((await fixture.spawn({ threadId, parent, tools: [] })).tools).toEqual([]);
  await expect(fixture.spawn({ threadId, tools: ["a", "c"] })).rejects.toMatchObject({
    code: "tool.not_found",
    message: expect.stringMatching(/has no tool c\. It may use: a, b/u),
  });
  await expect(fixture.spawn({ threadId, parent, tools: ["a"] })).rejects.toMatchObject({ code: "tool.not_found" });
});

test("an agent cannot borrow another agent's tools by spawning into that agent's thread", async () => {
  verifies("P7");
  const poor = await createTestAgent(fixture.runtime, fixture.caller, { slug: "poor", tools: [] });
  const rich = await createTestAgent(fixture.runtime, fixture.caller, { slug: "rich", tools: ["fetch_url"] });
  const actor = { type: "agent", id: poor.id } as const;
  const asPoor: Caller = { scope: fixture.caller.scope, actor };
  const richThread = await createTestThread(fixture.runtime, fixture.caller, rich);
  for (const place of [{ threadId: richThread }, { agent: "rich" }]) {
    await expect(spawnBgo(fixture.operations, asPoor, { ...place, prompt: "p" })).rejects.toMatchObject({
      code: "input.invalid",
    });
  }
  const own = await createTestThread(fixture.runtime, fixture.caller, poor);
  expect((await spawnBgo(fixture.operations, asPoor, { threadId: own, prompt: "p" })).bgo.tools).toEqual([]);
});
