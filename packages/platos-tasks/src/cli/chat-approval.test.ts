import { createClient, type PlatosClient } from "@platos-tasks/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { call, text } from "../testing/scripted-model-port.ts";
import { createTestAgent } from "../testing/test-runtime.ts";
import { createTestTenantWithKey, startTestServer, type TestServer } from "../testing/test-server.ts";
import { ChatSession } from "./chat-session.ts";

const fixture = useRuntime({ works: true });
let server: TestServer;
let client: PlatosClient;
let agent: string;

beforeAll(async () => {
  server = await startTestServer(fixture.runtime);
  const tenant = await createTestTenantWithKey(fixture.runtime, server);
  client = createClient({ baseUrl: server.url, apiKey: tenant.key });
  agent = (await createTestAgent(fixture.runtime, tenant, { askTools: ["list_bgos"] })).slug;
});

afterAll(() => server.close());

async function openChat(): Promise<ChatSession> {
  return ChatSession.open({ client, threadId: (await client.threads.create({ agent })).id, view: null });
}

test("a chat in the terminal is asked for approval, and goes on with what was decided", async () => {
  verifies("P23.a");
  fixture.model.on("what runs", [[call("list_bgos", {})], [text("Nothing runs.")]]);
  const chat = await openChat();
  expect((await chat.say("what runs")).status).toBe("waiting");
  expect(await chat.decide({ decision: "approve" })).toMatchObject({ status: "completed" });
  const answer = (await chat.messages()).find(({ role, kind }) => role === "assistant" && kind === "chat");
  expect(answer?.parts).toMatchObject([
    { type: "step-start" },
    { type: "dynamic-tool", state: "output-available" },
    { type: "step-start" },
    { type: "text", text: "Nothing runs." },
  ]);
  expect(await chat.decide({ decision: "approve" })).toBeNull();
  chat.close();
});

test("whoever comes back to the chat later can still decide", async () => {
  verifies("P23.a");
  fixture.model.on("what still runs", [[call("list_bgos", {})], [text("As you wish.")]]);
  const chat = await openChat();
  const { threadId } = await chat.say("what still runs");
  chat.close();
  const later = await ChatSession.open({ client, threadId, view: null });
  expect(await later.decide({ decision: "deny", reason: "not now" })).toMatchObject({ status: "completed" });
  later.close();
});
