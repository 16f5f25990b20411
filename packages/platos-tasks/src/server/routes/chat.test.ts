import { Chat } from "@ai-sdk/react";
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses, type UIMessage } from "ai";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import type { Agent } from "../../core/agent.ts";
import { PlatosError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json.ts";
import { spawnBgo } from "../../operations/spawn-bgo.ts";
import type { Message } from "../../core/message.ts";
import type { ModelPort, ModelRequest } from "../../core/ports/model.ts";
import type { AssistantPart, ModelResponse } from "../../core/transcript.ts";
import type { Runtime } from "../../runtime.ts";
import { createGate } from "../../testing/gate.ts";
import { call, text } from "../../testing/scripted-model-port.ts";
import { createTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { createTestAgent, createTestThread, eventually, openTestRuntime } from "../../testing/test-runtime.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../testing/test-server.ts";

type Script = (request: ModelRequest, turn: number) => Promise<AssistantPart[]> | AssistantPart[];

/** What the model says to a user's text; each test has texts of its own. */
const scripts = new Map<string, Script>();

const model: ModelPort = {
  async respond(request): Promise<ModelResponse> {
    const keyOf = (said: string): string | undefined => [...scripts.keys()].find((key) => said.includes(key));
    const place = request.transcript.findLastIndex((entry) => entry.role === "user" && keyOf(entry.text) !== undefined);
    const asked = request.transcript[place];
    const script = asked?.role === "user" ? scripts.get(keyOf(asked.text) ?? "") : undefined;
    const turn = request.transcript.slice(place).filter((entry) => entry.role === "assistant").length;
    const parts = (await script?.(request, turn)) ?? [text("done")];
    const hasCalls = parts.some((part) => part.type === "tool_call");
    const usage = { inputTokens: 1, outputTokens: 1, costUsd: 0 };
    return { parts, finishReason: hasCalls ? "tool_calls" : "stop", usage, model: "test", durationMs: 1 };
  },
};

let database: TestDatabase;
let runtime: Runtime;
let server: TestServer;
let tenant: TestTenant;
let agent: Agent;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  runtime = await openTestRuntime({ connectionString: database.connectionString, model, tools: [] });
  server = await startTestServer(runtime);
  tenant = await createTestTenantWithKey(runtime, server);
  agent = await createTestAgent(runtime, tenant);
  await runtime.startWorker();
});

afterAll(async () => {
  await server.close();
  await runtime.stop({ graceMs: 1000 });
  await database.drop();
});

/** A stock client: the very code behind `useChat`. */
function newChat(
  options: {
    id?: string;
    key?: string;
    agent?: string;
    server?: TestServer;
    messages?: UIMessage[];
    /** Sends what was decided about calls as soon as it is. */
    decidesAtOnce?: boolean;
    onResponse?: () => void;
  } = {},
): Chat<UIMessage> {
  const transport = new DefaultChatTransport<UIMessage>({
    api: `${(options.server ?? server).url}/api/v1/chat`,
    headers: { authorization: `Bearer ${options.key ?? tenant.key}` },
    ...(options.agent === undefined ? {} : { body: { agent: options.agent } }),
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      options.onResponse?.();
      return response;
    },
  });
  const { id, messages } = options;
  return new Chat({
    transport,
    ...(options.decidesAtOnce === true
      ? { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses }
      : {}),
    ...(id === undefined ? {} : { id }),
    ...(messages === undefined ? {} : { messages }),
  });
}

async function storedMessages(chatId: string): Promise<readonly Message[]> {
  const { threads, messages } = runtime.operations.store.autocommit;
  const thread = await threads.findByClientChatId(tenant.scope, chatId);
  return messages.list(tenant.scope, thread?.id ?? "", { afterSeq: 0, limit: 100 });
}

/** What a client's answer says, without the state that only clients keep and the cards that only live views show. */
function partsOf(message: UIMessage | undefined): unknown[] {
  return (message?.parts ?? []).flatMap((part): unknown[] => {
    if (part.type === "data-bgo") return [];
    if (part.type === "text" || part.type === "reasoning") return [{ type: part.type, text: part.text }];
    if (part.type !== "dynamic-tool") return [part];
    const { type, toolName, toolCallId, state, input, output, errorText } = part;
    return [JSON.parse(JSON.stringify({ type, toolName, toolCallId, state, input, output, errorText }))];
  });
}

const lastTextOf = (chat: Chat<UIMessage>): string =>
  (chat.lastMessage?.parts ?? []).flatMap((part) => (part.type === "text" ? [part.text] : [])).join("|");

describe("a stock chat client", () => {
  test("sees an answer grow while it is written, and has in the end what is stored", async () => {
    verifies("P32");
    const gate = createGate();
    scripts.set("greet me", async ({ onText }) => {
      onText?.({ text: "Hel", restart: false });
      await gate.opened;
      onText?.({ text: "lo there", restart: false });
      return [text("Hello there")];
    });
    const chat = newChat();
    const sending = chat.sendMessage({ text: "greet me" });
    await eventually("the first piece", () => Promise.resolve(lastTextOf(chat) === "Hel"));
    expect(chat.status).toBe("streaming");
    gate.open();
    await sending;
    expect({ status: chat.status, error: chat.error }).toEqual({ status: "ready", error: undefined });
    const stored = await storedMessages(chat.id);
    expect(stored.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(chat.lastMessage?.id).toBe(stored[1]?.id);
    expect(partsOf(chat.lastMessage)).toEqual(stored[1]?.parts);
    expect(chat.lastMessage?.metadata).toEqual({ threadId: stored[1]?.threadId, turnId: stored[1]?.turnId });
  });

  test("sees text that was taken back only until the right one comes", async () => {
    verifies("P32");
    scripts.set("start over", ({ onText }) => {
      onText?.({ text: "wrong ", restart: false });
      onText?.({ text: "words", restart: false });
      onText?.({ text: "right", restart: true });
      return [{ type: "reasoning", text: "hm" }, text("right"), text("ly")];
    });
    const chat = newChat();
    await chat.sendMessage({ text: "start over" });
    expect(partsOf(chat.lastMessage)).toEqual((await storedMessages(chat.id))[1]?.parts);
    expect(lastTextOf(chat)).toBe("right|ly");
  });

  test("sees tool calls with their results, and a card of the BGO that was spawned", async () => {
    verifies("P32");
    scripts.set("do it in the background", ({ onText }, turn) => {
      onText?.({ text: "On it.", restart: false });
      return turn === 0
        ? [
            text("On it."),
            call("spawn_bgo", { prompt: "count the words", label: "count" }),
            call("get_bgo", { bgoId: "bgo_none" }),
          ]
        : [text("It has begun.")];
    });
    const chat = newChat();
    await chat.sendMessage({ text: "do it in the background" });
    expect(chat.error).toBeUndefined();
    const stored = (await storedMessages(chat.id)).find(({ role }) => role === "assistant");
    expect(partsOf(chat.lastMessage)).toEqual(stored?.parts);
    const [spawned, refused] = (stored?.parts ?? []).filter((part) => part.type === "dynamic-tool");
    expect(spawned).toMatchObject({ toolName: "spawn_bgo", state: "output-available" });
    expect(refused).toMatchObject({ toolName: "get_bgo", state: "output-error" });
    const card = chat.lastMessage?.parts.find((part) => part.type === "data-bgo");
    const bgoId = isJsonObject(spawned?.output) ? spawned.output["bgoId"] : undefined;
    expect(bgoId).toMatch(/^bgo_/u);
    expect(card).toMatchObject({ id: bgoId, data: { bgoId, label: "count" } });
  });

  test("gets the answer that was given when it sends the same message again", async () => {
    verifies("P32");
    let calls = 0;
    scripts.set("only once", () => {
      calls += 1;
      return [text("Once.")];
    });
    const message = {
      id: "my-message-1",
      role: "user" as const,
      parts: [{ type: "text" as const, text: "only once" }],
    };
    const chat = newChat();
    await chat.sendMessage(message);
    const again = newChat({ id: chat.id });
    await again.sendMessage(message);
    expect(calls).toBe(1);
    expect(again.lastMessage?.id).toBe(chat.lastMessage?.id);
    expect(partsOf(again.lastMessage)).toEqual(partsOf(chat.lastMessage));
    expect(await storedMessages(chat.id)).toHaveLength(2);
  });

  test("goes away without stopping the answer, and resumes it from its beginning", async () => {
    verifies("P32");
    const gate = createGate();
    scripts.set("take your time", async ({ onText }, turn) => {
      if (turn === 0) return [text("Let me see."), call("list_bgos", {})];
      onText?.({ text: "Here ", restart: false });
      await gate.opened;
      onText?.({ text: "it is", restart: false });
      return [text("Here it is")];
    });
    const chat = newChat();
    const sending = chat.sendMessage({ text: "take your time" });
    await eventually("the second step", () => Promise.resolve(lastTextOf(chat).endsWith("Here ")));
    await chat.stop();
    await sending;
    const resumed = newChat({ id: chat.id, messages: chat.messages.slice(0, 1) });
    const resuming = resumed.resumeStream();
    await eventually("what is stored so far", () => Promise.resolve(lastTextOf(resumed) === "Let me see."));
    gate.open();
    await resuming;
    const stored = await storedMessages(chat.id);
    expect(partsOf(resumed.lastMessage)).toEqual(stored[1]?.parts);
    expect(resumed.messages.map(({ id }) => id)).toEqual([chat.messages[0]?.id, stored[1]?.id]);
    await resumed.resumeStream();
    expect({ status: resumed.status, messages: resumed.messages.length }).toEqual({ status: "ready", messages: 2 });
  });

  test("is cut off when the server stops, and goes on at another one", async () => {
    verifies("P32");
    const gate = createGate();
    scripts.set("survive a deploy", async ({ onText }) => {
      onText?.({ text: "Still ", restart: false });
      await gate.opened;
      return [text("Still here")];
    });
    const stopping = await startTestServer(runtime);
    const chat = newChat({ server: stopping });
    const sending = chat.sendMessage({ text: "survive a deploy" });
    await eventually("the first piece", () => Promise.resolve(lastTextOf(chat) === "Still "));
    await stopping.close();
    await sending;
    expect(chat.status).toBe("error");
    const again = newChat({ id: chat.id, messages: chat.messages, onResponse: gate.open });
    await again.resumeStream();
    expect({ status: again.status, text: lastTextOf(again), messages: again.messages.length }).toEqual({
      status: "ready",
      text: "Still here",
      messages: 2,
    });
  });

  test("is asked for approval of a call, decides, and gets the rest of the same answer", async () => {
    verifies("P23.a");
    await createTestAgent(runtime, tenant, { slug: "asking", askTools: ["list_bgos"] });
    scripts.set("look it up", (_request, turn) =>
      turn === 0 ? [text("I shall look."), call("list_bgos", {})] : [text("Nothing runs.")],
    );
    const chat = newChat({ agent: "asking", decidesAtOnce: true });
    await chat.sendMessage({ text: "look it up" });
    const asked = chat.lastMessage?.parts.at(-1);
    expect(asked).toMatchObject({ type: "dynamic-tool", toolName: "list_bgos", state: "approval-requested" });
    expect(chat.status).toBe("ready");
    const approvalId = asked?.type === "dynamic-tool" ? (asked.approval?.id ?? "") : "";
    await chat.addToolApprovalResponse({ id: approvalId, approved: true });
    await eventually("the rest of the answer", () => Promise.resolve(lastTextOf(chat).endsWith("Nothing runs.")));
    await eventually("the end", () => Promise.resolve(chat.status === "ready"));
    const stored = (await storedMessages(chat.id)).find(({ role, kind }) => role === "assistant" && kind === "chat");
    expect(chat.messages).toHaveLength(2);
    expect(partsOf(chat.lastMessage)).toEqual(stored?.parts);
  });

  test("is asked for approval, denies it, and the agent goes on without", async () => {
    verifies("P23.a");
    await createTestAgent(runtime, tenant, { slug: "asking-too", askTools: ["list_bgos"] });
    scripts.set("seek it there", (_request, turn) => (turn === 0 ? [call("list_bgos", {})] : [text("As you wish.")]));
    const chat = newChat({ agent: "asking-too", decidesAtOnce: true });
    await chat.sendMessage({ text: "seek it there" });
    const asked = chat.lastMessage?.parts.at(-1);
    const approvalId = asked?.type === "dynamic-tool" ? (asked.approval?.id ?? "") : "";
    await chat.addToolApprovalResponse({ id: approvalId, approved: false, reason: "not now" });
    await eventually("the rest of the answer", () => Promise.resolve(lastTextOf(chat).endsWith("As you wish.")));
    const denied = chat.lastMessage?.parts.find((part) => part.type === "dynamic-tool");
    expect(denied).toMatchObject({ state: "output-error", errorText: expect.stringContaining("not now") });
  });

  test("comes back to an answer that waits for approval, though another turn is queued behind it", async () => {
    verifies("P23.a", "P32");
    await createTestAgent(runtime, tenant, { slug: "asking-later", askTools: ["list_bgos"] });
    scripts.set("ask me and wait", (_request, turn) =>
      turn === 0 ? [call("list_bgos", {})] : [text("Nothing runs.")],
    );
    const first = newChat({ agent: "asking-later" });
    await first.sendMessage({ text: "ask me and wait" });
    const thread = await runtime.operations.store.autocommit.threads.findByClientChatId(tenant.scope, first.id);
    const { bgo } = await spawnBgo(runtime.operations, tenant, {
      threadId: thread?.id ?? "",
      prompt: "end and wake the agent",
      onComplete: "wake",
    });
    await eventually("the BGO to end", async () => {
      const row = await runtime.operations.store.autocommit.bgos.find(tenant.scope, bgo.id);
      return row?.status === "completed";
    });
    const back = newChat({ id: first.id, messages: first.messages.slice(0, 1), decidesAtOnce: true });
    await back.resumeStream();
    expect(back.status).toBe("ready");
    const asked = back.lastMessage?.parts.find((part) => part.type === "dynamic-tool");
    expect(asked).toMatchObject({ state: "approval-requested" });
    await back.addToolApprovalResponse({ id: asked?.approval?.id ?? "", approved: true });
    await eventually("the rest of the answer", () => Promise.resolve(lastTextOf(back).endsWith("Nothing runs.")));
  });

  test("is not asked again about a call while it runs", async () => {
    verifies("P23.a");
    await createTestAgent(runtime, tenant, { slug: "asking-slow", askTools: ["get_bgo"] });
    const gate = createGate();
    scripts.set("ask and be slow", async (_request, turn) => {
      if (turn === 0) return [call("get_bgo", { bgoId: "bgo_none" })];
      await gate.opened;
      return [text("Done.")];
    });
    const chat = newChat({ agent: "asking-slow", decidesAtOnce: true });
    await chat.sendMessage({ text: "ask and be slow" });
    const states = new Set<string>();
    const asked = chat.lastMessage?.parts.find((part) => part.type === "dynamic-tool");
    await chat.addToolApprovalResponse({ id: asked?.approval?.id ?? "", approved: true });
    await eventually("the call's result", () => {
      const part = chat.lastMessage?.parts.find((each) => each.type === "dynamic-tool");
      states.add(part?.state ?? "none");
      return Promise.resolve(part?.state === "output-error");
    });
    gate.open();
    await eventually("the end", () => Promise.resolve(lastTextOf(chat) === "Done."));
    expect([...states]).not.toContain("approval-requested");
  });

  test("cannot decide what a BGO asks: that has a card of its own", async () => {
    verifies("P23.a");
    const careful = await createTestAgent(runtime, tenant, { slug: "careful-bgo", askTools: ["spawn_bgo"] });
    scripts.set("spawn one more", (_request, turn) =>
      turn === 0 ? [call("spawn_bgo", { prompt: "x" })] : [text("ok")],
    );
    const threadId = await createTestThread(runtime, tenant, careful);
    const { bgo } = await spawnBgo(runtime.operations, tenant, { threadId, prompt: "spawn one more" });
    const asked = await eventually("the approval", async () => {
      return (await runtime.operations.store.autocommit.waitpoints.listOf(bgo.id))[0] ?? null;
    });
    const part = { type: "dynamic-tool", toolCallId: "spawn_bgo", toolName: "spawn_bgo", state: "approval-responded" };
    const message = { id: "m", role: "assistant", parts: [{ ...part, approval: { id: asked.id, approved: true } }] };
    const answer = await tenant.call("POST", "/api/v1/chat", { id: threadId, messages: [message] });
    expect(answer).toMatchObject({ status: 404, body: { code: "waitpoint.not_found" } });
    expect(await runtime.operations.store.autocommit.waitpoints.find(tenant.scope, asked.id)).toMatchObject({
      status: "open",
    });
  });

  test("is told why a turn failed, and gets a new turn when it asks again", async () => {
    verifies("P32");
    let calls = 0;
    scripts.set("fail first", () => {
      calls += 1;
      if (calls === 1) throw new PlatosError("model.refused", "the provider does not want to.");
      return [text("Now it works.")];
    });
    const chat = newChat();
    await chat.sendMessage({ text: "fail first" });
    expect(chat.status).toBe("error");
    expect(chat.error?.message).toContain("the provider does not want to.");
    await chat.regenerate();
    expect({ status: chat.status, text: lastTextOf(chat) }).toEqual({ status: "ready", text: "Now it works." });
  });

  test("can edit what it said: the new text is a message of its own", async () => {
    const chat = newChat();
    await chat.sendMessage({ text: "with a tpyo" });
    const [first] = chat.messages;
    await chat.sendMessage({ text: "without a typo", messageId: first?.id ?? "" });
    expect(chat.error).toBeUndefined();
    const said = (await storedMessages(chat.id)).flatMap(({ role, parts }) => (role === "user" ? parts : []));
    expect(said).toMatchObject([{ text: "with a tpyo" }, { text: "without a typo" }]);
  });

  test("writes into a thread there is when its chat id names one, and into no other tenant's", async () => {
    verifies("P32", "P37");
    const threadId = await createTestThread(runtime, tenant, agent);
    const chat = newChat({ id: threadId });
    await chat.sendMessage({ text: "into the thread" });
    expect(chat.lastMessage?.metadata).toMatchObject({ threadId });
    const stranger = await createTestTenantWithKey(runtime, server);
    const foreign = newChat({ id: threadId, key: stranger.key });
    await foreign.sendMessage({ text: "let me in" });
    expect(foreign.error?.message).toContain("There is no thread");
    const peeking = await stranger.call("GET", `/api/v1/chat/${threadId}/stream`);
    expect(peeking.status).toBe(204);
  });
});

const body = (id: string, said: string): unknown => ({
  id,
  messages: [{ id: `m-${said}`, role: "user", parts: [{ type: "text", text: said }] }],
  trigger: "submit-message",
});

test("first requests of one chat that come at once make one thread", async () => {
  const texts = ["a", "b", "c", "d"];
  const answers = await Promise.all(texts.map((said) => tenant.call("POST", "/api/v1/chat", body("race", said))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(answers[0]?.headers.get("x-vercel-ai-ui-message-stream")).toBe("v1");
  expect(answers[0]?.headers.get("content-type")).toBe("text/event-stream");
  const stored = await storedMessages("race");
  expect(new Set(stored.map(({ threadId }) => threadId)).size).toBe(1);
  expect(stored.filter(({ role }) => role === "user")).toHaveLength(4);
});

test("a stream ends with its own mark", async () => {
  const { body: answer } = await tenant.call("POST", "/api/v1/chat", body("ends", "hello"));
  const blocks = String(answer["text"]).trim().split("\n\n");
  expect(blocks.at(-1)).toBe("data: [DONE]");
  expect(blocks.at(-2)).toBe('data: {"type":"finish","finishReason":"stop"}');
});

test.each([
  ["nobody's agent", { ...(body("unknown-agent", "x") as object), agent: "nobody" }, 404, "agent.not_found"],
  ["a thread that is not there", body("thr_nope", "x"), 404, "thread.not_found"],
  ["no messages", { id: "c1", messages: [] }, 422, "input.invalid"],
  ["a tool's output", { id: "c1", messages: [{ id: "m", role: "assistant", parts: [] }] }, 422, "input.invalid"],
  ["no text", { id: "c1", messages: [{ id: "m", role: "user", parts: [] }] }, 422, "input.invalid"],
  [
    "a file",
    { id: "c1", messages: [{ id: "m", role: "user", parts: [{ type: "file", url: "data:,", mediaType: "a/b" }] }] },
    422,
    "input.invalid",
  ],
  ["broken JSON", "{", 400, "request.malformed"],
])("a request with %s is refused before a stream begins", async (_what, sent, status, code) => {
  verifies("P32");
  expect(await tenant.call("POST", "/api/v1/chat", sent)).toMatchObject({ status, body: { code } });
});
