import { beforeAll, expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Agent } from "../core/agent.ts";
import type { Json } from "../core/json.ts";
import type { WaitpointRow } from "../core/ports/store.ts";
import { defineTool } from "../core/tool.ts";
import type { ToolEnd } from "../core/transcript.ts";
import { completeWaitpoint } from "../operations/waits/complete-waitpoint.ts";
import { cancelBgo } from "../operations/cancel-bgo.ts";
import { deleteThread } from "../operations/delete-thread.ts";
import { postMessage } from "../operations/post-message.ts";
import { wakeDue } from "../operations/wake-due.ts";
import { z } from "zod";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { createTestAgent, eventually } from "../testing/test-runtime.ts";

const sent: Json[] = [];
const sendMail = defineTool({
  name: "send_mail",
  description: "Sends a mail.",
  effect: "at_most_once",
  inputSchema: z.strictObject({ to: z.string(), text: z.string() }),
  run: async (input) => {
    sent.push(input);
    return "sent";
  },
});

const fixture = useRuntime({ works: true, tools: [sendMail] });
let agent: Agent;

beforeAll(async () => {
  const settings = { slug: "careful", tools: ["send_mail"], askTools: ["send_mail"] };
  agent = await createTestAgent(fixture.runtime, fixture.caller, settings);
});

const newest = { limit: 10, cursor: null } as const;
const mail = (to: string) => ({ to, text: "hello" });
const sentTo = (to: string): Json[] => sent.filter((input) => JSON.stringify(input).includes(to));

async function spawnAsking(key: string): Promise<{ readonly id: string; readonly threadId: string }> {
  fixture.model.on(key, [[call("send_mail", mail(key))], [text("went on")]]);
  return fixture.spawn({ prompt: key, threadId: await fixture.newThread(agent), tools: ["send_mail"] });
}

async function openApproval(ownerId: string): Promise<WaitpointRow> {
  return eventually(`${ownerId} to ask`, async () => {
    const waits = await fixture.operations.store.autocommit.waitpoints.listOf(ownerId);
    return waits.find(({ status }) => status === "open") ?? null;
  });
}

const decide = (waitpoint: WaitpointRow, value: Json) =>
  completeWaitpoint(fixture.operations, waitpoint, { status: "completed", value, actor: fixture.caller.actor });

async function resultOf(ownerId: string, callId = "send_mail"): Promise<ToolEnd> {
  const steps = await fixture.operations.store.autocommit.journal.read({ id: ownerId });
  const found = steps.flatMap(({ step }) => (step.kind === "tool_result" ? [step.result] : []));
  return found.find((result) => result.callId === callId) ?? {};
}

test("a call that needs approval runs only once a person has approved it", async () => {
  verifies("P23");
  const bgo = await spawnAsking("approve@example.org");
  const asked = await openApproval(bgo.id);
  expect(asked).toMatchObject({ kind: "approval", args: mail("approve@example.org"), call: { tool: "send_mail" } });
  expect(await fixture.bgo(bgo.id)).toMatchObject({ status: "waiting", reason: "for approval of send_mail" });
  const [question] = await fixture.messages(bgo.threadId);
  expect(question).toMatchObject({ kind: "question", waitpointId: asked.id });
  expect(sentTo("approve@example.org")).toEqual([]);
  await decide(asked, { decision: "approve", argsHash: asked.argsHash });
  expect((await fixture.ended(bgo.id)).status).toBe("completed");
  expect(sentTo("approve@example.org")).toEqual([mail("approve@example.org")]);
  expect(await resultOf(bgo.id)).toMatchObject({ output: "sent" });
});

test("a call that was denied never runs, and the model is told why", async () => {
  verifies("P23");
  const bgo = await spawnAsking("deny@example.org");
  await decide(await openApproval(bgo.id), { decision: "deny", reason: "too early" });
  expect((await fixture.ended(bgo.id)).status).toBe("completed");
  expect(sentTo("deny@example.org")).toEqual([]);
  expect((await resultOf(bgo.id)).error).toMatchObject({
    code: "approval.denied",
    message: expect.stringContaining("too early"),
  });
});

test("a person may change the arguments; the model is told with which it ran", async () => {
  verifies("P23");
  const bgo = await spawnAsking("edit@example.org");
  const asked = await openApproval(bgo.id);
  await expect(decide(asked, { decision: "approve", args: { to: 7 } })).rejects.toMatchObject({
    code: "input.invalid",
  });
  const args = { to: "edit@example.org", text: "good evening" };
  await decide(asked, { decision: "approve", args });
  await fixture.ended(bgo.id);
  expect(sentTo("edit@example.org")).toEqual([args]);
  expect((await resultOf(bgo.id)).output).toMatchObject({ args, output: "sent" });
});

test("nobody decides in time: the call is denied", async () => {
  verifies("P23");
  const bgo = await spawnAsking("expire@example.org");
  const asked = await openApproval(bgo.id);
  await fixture.database.query("update platos.waitpoints set due_at = now() where id = $1", [asked.id]);
  await wakeDue(fixture.operations);
  await fixture.ended(bgo.id);
  expect(sentTo("expire@example.org")).toEqual([]);
  expect((await resultOf(bgo.id)).error?.message).toContain("nobody approved it");
});

test("an approval of other arguments than those that are asked for is refused", async () => {
  verifies("P23");
  const bgo = await spawnAsking("swap@example.org");
  const asked = await openApproval(bgo.id);
  const seen = { decision: "approve", argsHash: "0".repeat(64) };
  await expect(decide(asked, seen)).rejects.toMatchObject({ code: "input.invalid" });
  // Somebody changes what is asked for after it was shown.
  const change = "update platos.waitpoints set args = jsonb_set(args, '{to}', $2::jsonb) where id = $1";
  await fixture.database.query(change, [asked.id, '"thief@example.org"']);
  await expect(decide(await openApproval(bgo.id), { decision: "approve" })).rejects.toMatchObject({
    code: "input.invalid",
  });
  await fixture.database.query(change, [asked.id, '"swap@example.org"']);
  await decide(asked, { decision: "deny" });
  await fixture.ended(bgo.id);
  expect(sentTo("thief@example.org")).toEqual([]);
});

test.each(["yes", { approve: true }, { decision: "maybe" }, null])("%j decides nothing", async (value) => {
  const bgo = await spawnAsking("nonsense@example.org");
  const asked = await openApproval(bgo.id);
  await expect(decide(asked, value)).rejects.toMatchObject({ code: "input.invalid" });
  await decide(asked, { decision: "deny" });
  await fixture.ended(bgo.id);
});

test("a chat turn asks too: it keeps its place, and goes on when the call is approved", async () => {
  verifies("P23.a");
  const key = "turn@example.org";
  fixture.model.on(key, [[call("send_mail", mail(key))], [text("mailed")]]);
  const threadId = await fixture.newThread(agent);
  const { turnId } = await postMessage(fixture.operations, fixture.caller, { threadId, text: key });
  const asked = await openApproval(turnId);
  expect(await fixture.turn(turnId)).toMatchObject({ status: "waiting" });
  const answer = (await fixture.messages(threadId)).find(({ role, kind }) => role === "assistant" && kind === "chat");
  expect(answer?.parts.at(-1)).toMatchObject({ state: "approval-requested", approval: { id: asked.id } });
  await decide(asked, { decision: "approve" });
  expect(await fixture.turnEnded(turnId)).toMatchObject({ status: "completed" });
  expect(sentTo(key)).toHaveLength(1);
});

test("whoever writes on instead of deciding has denied it", async () => {
  verifies("P23.a");
  const key = "moved-on@example.org";
  fixture.model.on(key, [[call("send_mail", mail(key))], [text("not mailed")]]);
  const threadId = await fixture.newThread(agent);
  const first = await postMessage(fixture.operations, fixture.caller, { threadId, text: key });
  await openApproval(first.turnId);
  const second = await postMessage(fixture.operations, fixture.caller, { threadId, text: "never mind" });
  expect(await fixture.turnEnded(first.turnId)).toMatchObject({ status: "completed" });
  expect(await fixture.turnEnded(second.turnId)).toMatchObject({ status: "completed" });
  expect(sentTo(key)).toEqual([]);
  expect((await resultOf(first.turnId)).error?.message).toContain("the user wrote something else");
});

test("whoever answers a BGO's question has decided nothing about a call of the chat's agent", async () => {
  verifies("P23.a", "P22");
  const key = "both@example.org";
  fixture.model.on(key, [[call("send_mail", mail(key))], [text("mailed")]]);
  fixture.model.on("ask beside", [[call("wait_for_reply", { question: "Which?" })], [text("told")]]);
  const threadId = await fixture.newThread(agent);
  const { turnId } = await postMessage(fixture.operations, fixture.caller, { threadId, text: key });
  const asked = await openApproval(turnId);
  const bgo = await fixture.spawn({ prompt: "ask beside", threadId });
  const question = await openApproval(bgo.id);
  await postMessage(fixture.operations, fixture.caller, { threadId, text: "the red one" });
  await fixture.ended(bgo.id);
  const { waitpoints } = fixture.operations.store.autocommit;
  expect(await waitpoints.find(fixture.caller.scope, question.id)).toMatchObject({ status: "completed" });
  expect(await waitpoints.find(fixture.caller.scope, asked.id)).toMatchObject({ status: "open" });
  await decide(asked, { decision: "approve" });
  expect(await fixture.turnEnded(turnId)).toMatchObject({ status: "completed" });
});

test("what is asked again is for the agent, and answers no BGO", async () => {
  verifies("P22");
  fixture.model.on("ask and be left", [[call("wait_for_reply", { question: "Which?" })], [text("told")]]);
  const threadId = await fixture.newThread(agent);
  const bgo = await fixture.spawn({ prompt: "ask and be left", threadId });
  await openApproval(bgo.id);
  const again = { threadId, text: "as before", isRegenerated: true };
  expect(await postMessage(fixture.operations, fixture.caller, again)).toMatchObject({ answeredWaitpointId: null });
  expect((await fixture.bgo(bgo.id)).status).toBe("waiting");
  await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
});

test.each(["spawn_bgo", "spawn_task", "schedule_bgo"])(
  "an agent that must ask before it spawns must ask for %s as well",
  async (tool) => {
    verifies("P23");
    const key = `ask for ${tool}`;
    const args = { prompt: "do it", ...(tool === "schedule_bgo" ? { runAt: "2020-01-01T00:00:00Z" } : {}) };
    fixture.model.on(key, [[call(tool, args)], [text("no")]]);
    const slug = `asks-${tool.replace("_", "-")}`;
    const asking = await createTestAgent(fixture.runtime, fixture.caller, { slug, askTools: ["spawn_bgo"] });
    const threadId = await fixture.newThread(asking);
    const { turnId } = await postMessage(fixture.operations, fixture.caller, { threadId, text: key });
    expect(await openApproval(turnId)).toMatchObject({ kind: "approval", call: { tool } });
    expect(await fixture.operations.store.autocommit.bgos.list(fixture.caller.scope, { threadId }, newest)).toEqual([]);
    await deleteThread(fixture.operations, fixture.caller, threadId);
  },
);

test("a thread that is deleted takes what its turns ask with it", async () => {
  const key = "deleted@example.org";
  fixture.model.on(key, [[call("send_mail", mail(key))], [text("never")]]);
  const threadId = await fixture.newThread(agent);
  const { turnId } = await postMessage(fixture.operations, fixture.caller, { threadId, text: key });
  const asked = await openApproval(turnId);
  await deleteThread(fixture.operations, fixture.caller, threadId);
  await expect(decide(asked, { decision: "approve" })).rejects.toMatchObject({ code: "waitpoint.expired" });
  expect(sentTo(key)).toEqual([]);
});
