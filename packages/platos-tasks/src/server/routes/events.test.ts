import { createClient, type PlatosEvent } from "@platos-tasks/client";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import type { Agent } from "../../core/agent.ts";
import { silentLog } from "../../core/ports/log.ts";
import { postMessage } from "../../operations/post-message.ts";
import { spawnBgo } from "../../operations/spawn-bgo.ts";
import type { Runtime } from "../../runtime.ts";
import { noLinks } from "../../testing/no-links.ts";
import { createTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { createTestAgent, createTestThread, openTestRuntime } from "../../testing/test-runtime.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../testing/test-server.ts";
import { EventFeed } from "../event-feed.ts";
import { eventStreamResponse } from "../event-stream.ts";
import { createEventsHandler } from "./events.ts";

let database: TestDatabase;
let runtime: Runtime;
let server: TestServer;
let tenant: TestTenant;
let agent: Agent;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  runtime = await openTestRuntime({ connectionString: database.connectionString, env: { PLATOS_ROLE: "server" } });
  server = await startTestServer(runtime);
  tenant = await createTestTenantWithKey(runtime, server);
  agent = await createTestAgent(runtime, tenant);
});

afterAll(async () => {
  await server.close();
  await runtime.stop({ graceMs: 0 });
  await database.drop();
});

const newThread = (): Promise<string> => createTestThread(runtime, tenant, agent);

const say = (threadId: string, text: string): Promise<unknown> =>
  postMessage(runtime.operations, tenant, { threadId, text });

const textOf = (event: PlatosEvent): string =>
  event.type === "message.created" && event.message.parts[0]?.type === "text"
    ? event.message.parts[0].text
    : event.type;

/** Opens a stream and reads until the text holds what is waited for. */
async function readUntil(query: string, end: string, headers: Record<string, string> = {}): Promise<string> {
  const stop = new AbortController();
  const response = await fetch(`${server.url}/api/v1/events?${query}`, {
    headers: { authorization: `Bearer ${tenant.key}`, ...headers },
    signal: stop.signal,
  });
  expect(response.status).toBe(200);
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (text.includes(end)) break;
  }
  stop.abort();
  return text;
}

test("a stream says how to come back before it says anything else", async () => {
  verifies("P13");
  const threadId = await newThread();
  const response = await fetch(`${server.url}/api/v1/events?topics=thread:${threadId}`, {
    headers: { authorization: `Bearer ${tenant.key}` },
  });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
  });
  const reader = (response.body ?? new ReadableStream()).getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  expect(first).toMatch(/^retry: 1000\nid: \S+\n\n$/u);
  await reader.cancel();
});

test("a stream that goes on after an event shows what came after it, and Last-Event-ID goes before after", async () => {
  verifies("P13.a");
  const threadId = await newThread();
  const { cursor } = await cursorNow(threadId);
  await say(threadId, "one");
  await say(threadId, "two");
  const topics = `topics=thread:${threadId}`;
  const all = await readUntil(`${topics}&after=${cursor}`, '"two"');
  expect(all).toContain('"one"');
  const idOfOne = /id: (\S+)\ndata: .*"one"/u.exec(all)?.[1] ?? "";
  const rest = await readUntil(`${topics}&after=${cursor}`, '"two"', { "last-event-id": idOfOne });
  expect(rest).not.toContain('"one"');
});

async function cursorNow(threadId: string): Promise<{ cursor: string }> {
  const text = await readUntil(`topics=thread:${threadId}`, "id: ");
  return { cursor: /id: (\S+)/u.exec(text)?.[1] ?? "" };
}

test("a client that loses its connection again and again sees every event once and in order", async () => {
  verifies("P13", "P13.a");
  const threadId = await newThread();
  const stop = new AbortController();
  const cutting: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    let chunks = 0;
    // The connection dies after a few chunks, sometimes before the first event.
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        chunks += 1;
        if (chunks > 3) controller.error(new Error("connection lost"));
        else controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(cut) ?? null, response);
  };
  const seen: string[] = [];
  const total = 20;
  const { cursor } = await cursorNow(threadId);
  const following = createClient({ baseUrl: server.url, apiKey: tenant.key, fetch: cutting }).subscribe({
    topics: [`thread:${threadId}`],
    after: cursor,
    signal: stop.signal,
    timers: { delay: () => Promise.resolve(), random: () => 0 },
    onEvent(event) {
      if (event.type !== "message.created") return;
      seen.push(textOf(event));
      if (seen.length === total) stop.abort();
    },
  });
  for (let n = 0; n < total; n += 1) await say(threadId, `${n}`);
  await following;
  expect(seen).toEqual(Array.from({ length: total }, (_, n) => `${n}`));
});

test("BGOs of the environment and of one thread are followed by their topics", async () => {
  verifies("P13");
  const threadId = await newThread();
  const { cursor } = await cursorNow(threadId);
  const { bgo } = await spawnBgo(runtime.operations, tenant, { threadId, prompt: "do it" });
  for (const topics of ["bgos", `bgo:${bgo.id}`, `thread:${threadId}`, `bgos,thread:${threadId}`]) {
    const text = await readUntil(`topics=${topics}&after=${cursor}`, "bgo.created");
    expect(text.match(/bgo\.created/gu)).toHaveLength(1);
    expect(text).toContain(`"bgoId":"${bgo.id}"`);
  }
});

test("another environment's thread and BGO are not there, and what is no topic is refused", async () => {
  verifies("P37");
  const stranger = await createTestTenantWithKey(runtime, server);
  const threadId = await newThread();
  const { bgo } = await spawnBgo(runtime.operations, tenant, { threadId, prompt: "secret" });
  const ask = (topics: string) => stranger.call("GET", `/api/v1/events?topics=${topics}`);
  expect(await ask(`thread:${threadId}`)).toMatchObject({ status: 404, body: { code: "thread.not_found" } });
  expect(await ask(`bgo:${bgo.id}`)).toMatchObject({ status: 404, body: { code: "bgo.not_found" } });
  for (const topics of [
    "",
    "everything",
    "thread:",
    "bgos,thread:a%20b",
    Array.from({ length: 51 }, (_, n) => `bgo:${n}`),
  ]) {
    expect(await ask(String(topics))).toMatchObject({ status: 422, body: { code: "input.invalid" } });
  }
});

/** The handler alone, on a feed of its own. */
async function withHandler(
  options: { readonly maxStreams?: number; readonly queueLimit?: number },
  use: (open: (threadId: string) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const { maxStreams, queueLimit } = options;
  const feed = new EventFeed({ ...runtime, links: noLinks, ...(queueLimit === undefined ? {} : { queueLimit }) });
  const events = createEventsHandler({ feed, runtime, ...(maxStreams === undefined ? {} : { maxStreams }) });
  const app = new Hono().get("/events", (c) => events(c, tenant, () => Promise.resolve(true)));
  try {
    await use((threadId) => Promise.resolve(app.request(`/events?topics=thread:${threadId}`)));
  } finally {
    await feed.close();
  }
}

test("a process takes so many streams, and room is made when one goes", async () => {
  const threadId = await newThread();
  await withHandler({ maxStreams: 1 }, async (open) => {
    const first = await open(threadId);
    const second = await open(threadId);
    expect({ status: second.status, retryAfter: second.headers.get("retry-after") }).toEqual({
      status: 503,
      retryAfter: "5",
    });
    await first.body?.cancel();
    expect((await open(threadId)).status).toBe(200);
  });
});

test("a reader that does not keep up is cut off instead of being remembered for", async () => {
  verifies("P13.a");
  const threadId = await newThread();
  await withHandler({ queueLimit: 3 }, async (open) => {
    const slow = await open(threadId);
    const quick = ((await open(threadId)).body ?? new ReadableStream()).getReader();
    await quick.read();
    for (let n = 0; n < 6; n += 1) {
      await say(threadId, `${n}`);
      await quick.read();
    }
    expect(await slow.text()).not.toContain("data:");
  });
});

test("a reader that takes nothing at all does not keep its place either", async () => {
  verifies("P13.a");
  const threadId = await newThread();
  await withHandler({ queueLimit: 3, maxStreams: 2 }, async (open) => {
    await open(threadId);
    const quick = ((await open(threadId)).body ?? new ReadableStream()).getReader();
    await quick.read();
    expect((await open(threadId)).status).toBe(503);
    for (let n = 0; n < 6; n += 1) {
      await say(threadId, `${n}`);
      await quick.read();
    }
    expect((await open(threadId)).status).toBe(200);
  });
});

test("clients that go away before they are answered leave their places free", async () => {
  verifies("P13.a");
  const threadId = await newThread();
  const url = `${server.url}/api/v1/events?topics=thread:${threadId}`;
  const headers = { authorization: `Bearer ${tenant.key}` };
  const leaveAfter = async (ms: number): Promise<void> => {
    await fetch(url, { headers, signal: AbortSignal.timeout(ms) })
      .then((response) => response.text())
      .catch(() => undefined);
  };
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 30 }, (_, n) => leaveAfter(1 + n)));
  }
  const stop = new AbortController();
  const { status } = await fetch(url, { headers, signal: stop.signal });
  stop.abort();
  expect(status).toBe(200);
});

test("a stream ends when its key is revoked", async () => {
  verifies("S19");
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    let allowed = true;
    const over = Promise.withResolvers<void>();
    async function* endless(): AsyncGenerator<string, void, undefined> {
      yield "data: {}\n\n";
      await over.promise;
    }
    const onEnd = vi.fn<() => void>(() => over.resolve());
    const stillAllowed = (): Promise<boolean> => Promise.resolve(allowed);
    const dropped = new AbortController().signal;
    const app = new Hono().get("/", (c) =>
      eventStreamResponse(c, { chunks: endless(), stillAllowed, dropped, onEnd, log: silentLog }),
    );
    const response = await app.request("/");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(onEnd).not.toHaveBeenCalled();
    allowed = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(onEnd).toHaveBeenCalledOnce();
    expect(await response.text()).toBe("data: {}\n\n");
  } finally {
    vi.useRealTimers();
  }
});
