import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import type { ModelRequest } from "../core/ports/model.ts";
import type { BgoRow } from "../core/ports/store.ts";
import type { ToolEnd } from "../core/transcript.ts";
import { cancelBgo } from "../operations/cancel-bgo.ts";
import { deleteThread } from "../operations/delete-thread.ts";
import { wakeDue } from "../operations/wake-due.ts";
import type { Answer } from "../testing/switchboard-model.ts";
import { aborted, createGate } from "../testing/gate.ts";
import { nextYear } from "../testing/next-year.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { createTestAgent, eventually } from "../testing/test-runtime.ts";

const fixture = useRuntime({ works: true });

/** What the calls of a BGO came back with, as its model was told. */
async function resultsOf(bgoId: string): Promise<Record<string, ToolEnd>> {
  const steps = await fixture.operations.store.autocommit.journal.read({ id: bgoId });
  return Object.fromEntries(
    steps.flatMap(({ step }) => (step.kind === "tool_result" ? [[step.result.callId, step.result]] : [])),
  );
}

/** The BGOs that the conversation has spawned so far. */
function spawnedIn({ transcript }: ModelRequest): string[] {
  const results = transcript.flatMap((entry) => (entry.role === "tool" ? entry.results : []));
  return results.flatMap(({ tool, output }) =>
    tool === "spawn_bgo" && isJsonObject(output) ? [String(output["bgoId"])] : [],
  );
}

const waitForAll: Answer = (_turn, request) =>
  spawnedIn(request).map((bgoId) => call("wait_for_bgo", { bgoId }, `wait ${bgoId}`));

/** Spawns a child per prompt in its first answer, then does what follows. */
function spawning(prompts: readonly string[], ...then: readonly Answer[]): Answer {
  return (turn, request) => {
    if (turn === 0) return prompts.map((prompt, index) => call("spawn_bgo", { prompt }, `spawn ${index}`));
    return then[turn - 1]?.(turn, request) ?? [text("all done")];
  };
}

const childrenOf = async (bgo: BgoRow): Promise<BgoRow[]> => {
  const rows = await fixture.database.query<{ id: string }>(
    "select id from platos.platos_tasks where parent_bgo_id = $1 order by id",
    [bgo.id],
  );
  return Promise.all(rows.map(({ id }) => fixture.bgo(id)));
};

const theChildOf = (bgo: BgoRow): Promise<BgoRow> =>
  eventually(`${bgo.id} to have a child`, async () => (await childrenOf(bgo))[0]);

/** Answers once it may, unless it is aborted before. */
function held(): { readonly answer: Answer; readonly open: () => void; readonly heard: Promise<void> } {
  const [mayEnd, heard] = [createGate(), createGate()];
  return {
    open: mayEnd.open,
    heard: heard.opened,
    async answer(_turn, { signal }) {
      await Promise.race([mayEnd.opened, aborted(signal)]);
      if (signal.aborted) heard.open();
      signal.throwIfAborted();
      return [text("at last")];
    },
  };
}

const valueOf = (end: ToolEnd | undefined): JsonObject => {
  if (!isJsonObject(end?.output) || !isJsonObject(end.output["value"])) throw new Error(JSON.stringify(end));
  return end.output["value"];
};

test("a BGO waits for its children, of which each ends otherwise, and is told what became of each", async () => {
  verifies("P11.a");
  const [slow, doomed] = [held(), held()];
  fixture.model.on("part that works", slow.answer);
  fixture.model.on("part that breaks", () => new Error("it broke"));
  fixture.model.on("part that is cancelled", doomed.answer);
  const prompts = ["part that works", "part that breaks", "part that is cancelled"];
  fixture.model.on("divide and wait", spawning(prompts, waitForAll));
  const bgo = await fixture.spawn({ prompt: "divide and wait" });
  await eventually("it to wait for two", async () => (await fixture.waiting(bgo.id)).length === 2);
  expect((await fixture.bgo(bgo.id)).engineRunId).toBeNull();
  const [works, breaks, cancelled] = prompts.map(
    (prompt) => async () => (await childrenOf(bgo)).find((child) => child.prompt === prompt),
  );
  expect((await breaks?.())?.status).toBe("failed");
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: (await cancelled?.())?.id ?? "", reason: "too dear" });
  expect((await fixture.bgo(bgo.id)).status).toBe("waiting");
  slow.open();

  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "all done" });
  const ends = Object.values(await resultsOf(bgo.id)).filter(({ output }) => isJsonObject(output) && output["value"]);
  expect(
    ends.map(valueOf).toSorted((left, right) => String(left["status"]).localeCompare(String(right["status"]))),
  ).toEqual([
    { bgoId: (await cancelled?.())?.id, status: "cancelled" },
    { bgoId: (await works?.())?.id, status: "completed", output: "at last" },
    {
      bgoId: (await breaks?.())?.id,
      status: "failed",
      error: expect.objectContaining({ message: expect.any(String) }),
    },
  ]);
  // Each end is in the thread as well, the parent's last.
  const messages = await fixture.messages(bgo.threadId);
  expect(messages.map(({ kind }) => kind).toSorted()).toEqual([
    "bgo_cancelled",
    "bgo_completed",
    "bgo_completed",
    "bgo_failed",
  ]);
  expect(messages.at(-1)?.bgoId).toBe(bgo.id);
});

test("a child that has ended before is not waited for", async () => {
  verifies("P11.a");
  fixture.model.on("quick part", [[text("quick")]]);
  const whenEnded: Answer = async (turn, request) => {
    for (const id of spawnedIn(request)) await fixture.ended(id);
    // Twice the same one, which is as good as once.
    const calls = await waitForAll(turn, request);
    return calls instanceof Error
      ? calls
      : [...calls, ...spawnedIn(request).map((bgoId) => call("wait_for_bgo", { bgoId }, "again"))];
  };
  fixture.model.on("look late", spawning(["quick part"], whenEnded));
  const bgo = await fixture.spawn({ prompt: "look late" });
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "all done" });
  const child = await theChildOf(bgo);
  const results = await resultsOf(bgo.id);
  for (const callId of ["again", `wait ${child.id}`]) {
    expect(valueOf(results[callId])).toEqual({ bgoId: child.id, status: "completed", output: "quick" });
  }
});

test("two waits of one answer for the same child are both over when it ends", async () => {
  verifies("P11.a");
  const part = held();
  fixture.model.on("awaited twice", part.answer);
  const twice: Answer = (_turn, request) =>
    spawnedIn(request).flatMap((bgoId) => [
      call("wait_for_bgo", { bgoId }, "one"),
      call("wait_for_bgo", { bgoId }, "two"),
    ]);
  fixture.model.on("wait twice", spawning(["awaited twice"], twice));
  const bgo = await fixture.spawn({ prompt: "wait twice" });
  expect(await fixture.waiting(bgo.id)).toHaveLength(2);
  part.open();
  expect((await fixture.ended(bgo.id)).status).toBe("completed");
  const results = await resultsOf(bgo.id);
  expect(valueOf(results["one"])).toEqual(valueOf(results["two"]));
});

test("a BGO may wait for what it has spawned only, whatever else there is", async () => {
  verifies("P11.a");
  const sibling = await fixture.spawn({ prompt: "of somebody else" });
  const self: { id: string } = { id: "" };
  fixture.model.on("wait for a stranger", (turn) =>
    turn > 0
      ? [text("refused")]
      : [sibling.id, self.id, "bgo_never"].map((bgoId, index) => call("wait_for_bgo", { bgoId }, `${index}`)),
  );
  const bgo = await fixture.spawn({ prompt: "wait for a stranger", threadId: sibling.threadId });
  self.id = bgo.id;
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "refused" });
  for (const end of Object.values(await resultsOf(bgo.id))) {
    expect(end.error).toMatchObject({
      code: "wait.failed",
      message: expect.stringContaining("no BGO that this one has spawned"),
    });
  }
});

test("a BGO that has waited long enough goes on, and so does its child", async () => {
  verifies("P11.a");
  const part = held();
  fixture.model.on("part that takes long", part.answer);
  fixture.model.on("be impatient", spawning(["part that takes long"], waitForAll));
  const bgo = await fixture.spawn({ prompt: "be impatient" });
  await fixture.waiting(bgo.id);
  await fixture.database.query("update platos.waitpoints set due_at = now() where owner_id = $1", [bgo.id]);
  await wakeDue(fixture.operations);
  expect((await fixture.ended(bgo.id)).status).toBe("completed");
  const child = await theChildOf(bgo);
  expect((await resultsOf(bgo.id))[`wait ${child.id}`]?.output).toMatchObject({
    outcome: "timed_out",
    message: expect.stringContaining(`${child.id} had not ended`),
  });
  expect(child.status).toBe("running");
  part.open();
  expect(await fixture.ended(child.id)).toMatchObject({ status: "completed", output: "at last" });
  expect((await fixture.messages(bgo.threadId)).map(({ bgoId }) => bgoId)).toEqual([bgo.id, child.id]);
});

test("a BGO whose thread is deleted still learns of its child's end", async () => {
  verifies("P11.a");
  const part = held();
  fixture.model.on("part without a place", part.answer);
  fixture.model.on("wait without a place", spawning(["part without a place"], waitForAll));
  const bgo = await fixture.spawn({ prompt: "wait without a place" });
  await fixture.waiting(bgo.id);
  await deleteThread(fixture.operations, fixture.caller, bgo.threadId);
  part.open();
  expect(await fixture.ended(bgo.id)).toMatchObject({ status: "completed", output: "all done" });
});

test("a cancel stops a BGO that waits, and all below it, wherever they are at work", async () => {
  verifies("P17.a");
  const leaf = held();
  fixture.model.on("the leaf", leaf.answer);
  fixture.model.on("the branch", spawning(["the leaf"], waitForAll));
  fixture.model.on("the root", spawning(["the branch"], waitForAll));
  const root = await fixture.spawn({ prompt: "the root" });
  const branch = await theChildOf(root);
  const below = await theChildOf(branch);
  for (const { id } of [root, branch]) await fixture.waiting(id);
  await eventually("the leaf to be at work", async () => fixture.model.requestsWith("the leaf").length === 1);
  const caller = { ...fixture.caller, actor: { type: "api_key", id: "key_1" } } as const;
  expect(await cancelBgo(fixture.operations, caller, { bgoId: root.id, reason: "enough" })).toMatchObject({
    outcome: "cancelled",
  });
  await leaf.heard;
  for (const bgo of [root, branch, below]) {
    expect((await fixture.bgo(bgo.id)).status).toBe("cancelled");
    const waits = await fixture.operations.store.autocommit.waitpoints.listOf(bgo.id);
    expect(waits.filter(({ status }) => status !== "cancelled")).toEqual([]);
    expect((await fixture.audit(bgo.id)).at(-1)).toMatchObject({ action: "bgo.cancelled", actor: caller.actor });
  }
  expect((await fixture.messages(root.threadId)).map(({ bgoId, kind, parts }) => [bgoId, kind, parts])).toEqual([
    [root.id, "bgo_cancelled", [text("“the root” was cancelled: enough.")]],
    [branch.id, "bgo_cancelled", [text(`“the branch” was cancelled: its parent ${root.id} was cancelled.`)]],
    [
      below.id,
      "bgo_cancelled",
      [text(`“the leaf” was cancelled: the BGO above its parent, ${root.id}, was cancelled.`)],
    ],
  ]);
  expect(fixture.model.requestsWith("the leaf")).toHaveLength(1);
});

test("a BGO that fails takes its children along, one that completes leaves them at work", async () => {
  verifies("P17.a");
  const [lost, kept] = [held(), held()];
  fixture.model.on("part of a failure", lost.answer);
  fixture.model.on("part of a success", kept.answer);
  fixture.model.on(
    "spawn and fail",
    spawning(["part of a failure"], () => new Error("it broke")),
  );
  fixture.model.on("spawn and leave", spawning(["part of a success"]));
  const [fails, leaves] = [
    await fixture.spawn({ prompt: "spawn and fail" }),
    await fixture.spawn({ prompt: "spawn and leave" }),
  ];
  expect((await fixture.ended(fails.id)).status).toBe("failed");
  expect(await fixture.ended((await theChildOf(fails)).id)).toMatchObject({
    status: "cancelled",
    reason: `its parent ${fails.id} failed`,
  });
  expect((await fixture.ended(leaves.id)).status).toBe("completed");
  const child = await theChildOf(leaves);
  kept.open();
  expect(await fixture.ended(child.id)).toMatchObject({ status: "completed", output: "at last" });
  const messages = await fixture.messages(leaves.threadId);
  expect(messages.map(({ bgoId, kind }) => [bgoId, kind])).toEqual([
    [leaves.id, "bgo_completed"],
    [child.id, "bgo_completed"],
  ]);
});

test("what runs on below a child that completed is cancelled with its grandparent", async () => {
  verifies("P17.a");
  const [leaf, root] = [held(), held()];
  fixture.model.on("the orphan", leaf.answer);
  fixture.model.on("the early one", spawning(["the orphan"]));
  fixture.model.on("the grandparent", spawning(["the early one"], root.answer));
  const top = await fixture.spawn({ prompt: "the grandparent" });
  const middle = await theChildOf(top);
  expect((await fixture.ended(middle.id)).status).toBe("completed");
  // Nobody else hears of a cancel than who is at work.
  await eventually("the leaf to be at work", async () => fixture.model.requestsWith("the orphan").length > 0);
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: top.id });
  await leaf.heard;
  expect((await fixture.bgo((await theChildOf(middle)).id)).status).toBe("cancelled");
  expect((await fixture.bgo(middle.id)).status).toBe("completed");
});

test("a child does not wake the agent in the chat, and cannot ask for it", async () => {
  fixture.model.on("wake them", (turn) =>
    turn === 0
      ? [call("spawn_bgo", { prompt: "part", onComplete: "wake" }, "wakes"), call("spawn_bgo", { prompt: "part" })]
      : [text("done")],
  );
  const bgo = await fixture.spawn({ prompt: "wake them" });
  await fixture.ended(bgo.id);
  expect((await resultsOf(bgo.id))["wakes"]?.error?.code).toBe("input.invalid");
  const [child, ...others] = await childrenOf(bgo);
  expect(others).toEqual([]);
  expect(await fixture.ended(child?.id ?? "")).toMatchObject({ onComplete: "message", agentId: bgo.agentId });
  const parent = await fixture.spawn({ runAt: nextYear() });
  const forced = await fixture.spawn({ parent: { kind: "bgo", bgo: parent }, onComplete: "wake" });
  expect(forced.onComplete).toBe("message");
});

test("a sub-agent looks at its own children and cancels them, and reaches nobody else's BGO", async () => {
  verifies("P7");
  const [part, other] = [held(), held()];
  fixture.model.on("my own part", part.answer);
  fixture.model.on("not my part", other.answer);
  const stranger = await fixture.spawn({ prompt: "not my part" });
  fixture.model.on(
    "mind my own",
    spawning(["my own part"], (_turn, request) =>
      [...spawnedIn(request), stranger.id].flatMap((bgoId) => [
        call("get_bgo", { bgoId }, `get ${bgoId}`),
        call("cancel_bgo", { bgoId, reason: "not needed" }, `cancel ${bgoId}`),
      ]),
    ),
  );
  const bgo = await fixture.spawn({ prompt: "mind my own", threadId: stranger.threadId });
  expect((await fixture.ended(bgo.id)).status).toBe("completed");
  const child = await theChildOf(bgo);
  const results = await resultsOf(bgo.id);
  expect(results[`get ${child.id}`]?.output).toMatchObject({ bgoId: child.id });
  expect(results[`cancel ${child.id}`]?.output).toEqual({ outcome: "cancelled" });
  for (const what of ["get", "cancel"]) expect(results[`${what} ${stranger.id}`]?.error?.code).toBe("bgo.not_found");
  expect(await fixture.bgo(child.id)).toMatchObject({ status: "cancelled", reason: "not needed" });
  other.open();
  expect((await fixture.ended(stranger.id)).status).toBe("completed");
});

test("BGOs that spawn ten each are held to the caps, and all of them end", async () => {
  verifies("P5", "P5.c");
  const more = Array.from({ length: 12 }, (_, index) =>
    call("spawn_bgo", { prompt: `fork bomb ${index}` }, `${index}`),
  );
  fixture.model.on("fork bomb", (turn, request) => {
    if (turn === 0) return request.tools.some(({ name }) => name === "spawn_bgo") ? more : [text("a leaf")];
    return turn === 1 ? waitForAll(turn, request) : [text("all done")];
  });
  const bgo = await fixture.spawn({ prompt: "fork bomb" });
  expect((await fixture.ended(bgo.id)).status).toBe("completed");
  const refused = Object.values(await resultsOf(bgo.id)).flatMap(({ error }) => (error == null ? [] : [error.code]));
  expect(refused).toEqual(["bgo.cap_reached", "bgo.cap_reached"]);
  const family = await fixture.database.query<{ depth: number; bgos: number; parents: number }>(
    `select depth, count(*)::int as bgos, count(distinct parent_bgo_id)::int as parents from platos.platos_tasks
     where thread_id = $1 group by depth order by depth`,
    [bgo.threadId],
  );
  expect(family.map(({ depth }) => depth)).toEqual([1, 2, 3]);
  expect(family[1]?.bgos).toBe(10);
  expect(family[2]?.bgos).toBeLessThanOrEqual(100);
  await eventually(
    "all to have ended",
    async () => (await fixture.messages(bgo.threadId)).length === family.reduce((sum, { bgos }) => sum + bgos, 0),
  );
}, 60_000);

test("an agent that may not spawn has sub-agents that may not either", async () => {
  verifies("P7");
  const agent = await createTestAgent(fixture.runtime, fixture.caller, { slug: "childless", metaTools: ["list_bgos"] });
  const bgo = await fixture.spawn({ prompt: "nobody to help", threadId: await fixture.newThread(agent) });
  await fixture.ended(bgo.id);
  const names = fixture.model.requestsWith("nobody to help")[0]?.tools.map(({ name }) => name) ?? [];
  expect(names).toContain("wait_until");
  for (const name of ["spawn_bgo", "wait_for_bgo", "get_bgo", "cancel_bgo"]) expect(names).not.toContain(name);
});
