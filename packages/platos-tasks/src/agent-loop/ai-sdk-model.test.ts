import { afterEach, describe, expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Clock } from "../core/ports/clock.ts";
import { silentLog, type Log } from "../core/ports/log.ts";
import type { ModelRequest, ToolDescription } from "../core/ports/model.ts";
import type { ModelResponse, TranscriptEntry } from "../core/transcript.ts";
import { startOpenAiStub, type OpenAiStub, type StubFault, type StubReply } from "../testing/openai-stub.ts";
import { repliesInOrder, scriptedReply } from "../testing/scripted-model.ts";
import { createAiSdkModel, type AiSdkModelOptions } from "./ai-sdk-model.ts";
import { createDemoModel } from "./demo/demo-model.ts";
import { createProviders } from "./providers.ts";

/** Back-off passes at once and is noted; the watch over a call sleeps until the test lets time pass. */
class TestClock implements Clock {
  readonly waits: number[] = [];
  #nowMs = Date.UTC(2030, 0, 1);
  #sleepers: { readonly dueMs: number; readonly wake: () => void }[] = [];
  readonly #request: AbortSignal;

  constructor(request: AbortSignal) {
    this.#request = request;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal === this.#request) {
      this.waits.push(ms);
      this.#nowMs += ms;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ dueMs: this.#nowMs + ms, wake: resolve });
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
    });
  }

  async advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.dueMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.dueMs > this.#nowMs);
    for (const sleeper of due) sleeper.wake();
    await new Promise(setImmediate);
  }
}

const lookTool: ToolDescription = {
  name: "look",
  description: "Looks.",
  inputSchema: { type: "object", properties: { q: { type: "string" } } },
};

let stub: OpenAiStub | undefined;

afterEach(async () => {
  await stub?.close();
  stub = undefined;
});

interface Play {
  readonly stub: OpenAiStub;
  readonly clock: TestClock;
  readonly stop: AbortController;
  readonly pieces: string[];
  ask(request?: Partial<ModelRequest>): Promise<ModelResponse>;
}

async function play(
  replies: readonly StubReply[] | ((index: number) => StubReply),
  { streamed = false, ...options }: Partial<AiSdkModelOptions> & { readonly streamed?: boolean } = {},
): Promise<Play> {
  const reply =
    typeof replies === "function" ? (request: { index: number }) => replies(request.index) : repliesInOrder(replies);
  const running = await startOpenAiStub({ reply });
  stub = running;
  const stop = new AbortController();
  const clock = new TestClock(stop.signal);
  const pieces: string[] = [];
  const providers = createProviders({ openaiCompatible: { baseUrl: running.baseUrl, apiKey: "stub-secret-key" } });
  const model = createAiSdkModel({ providers, clock, log: silentLog, random: () => 0.5, ...options });
  return {
    stub: running,
    clock,
    stop,
    pieces,
    ask: (request) =>
      model.respond({
        model: "openai-compatible:stub-1",
        system: "Be brief.",
        transcript: [{ role: "user", text: "Hello" }],
        tools: [lookTool],
        signal: stop.signal,
        ...(streamed ? { onText: ({ text, restart }) => pieces.push(restart ? `[restart]${text}` : text) } : {}),
        ...request,
      }),
  };
}

const fine: StubReply = {
  text: "All is well.",
  toolCalls: [{ name: "look", args: { q: "x" }, id: "c1" }],
  usage: { inputTokens: 100, outputTokens: 20, cachedTokens: 40 },
};

const fineParts = [
  { type: "text", text: "All is well." },
  { type: "tool_call", callId: "c1", tool: "look", args: { q: "x" } },
];

const ways = [
  { way: "in one piece", streamed: false },
  { way: "streamed", streamed: true },
];

describe.each(ways)("an answer $way", ({ streamed }) => {
  test("comes back whole, with what it used and who gave it", async () => {
    const { ask, stub: server, pieces } = await play([fine], { streamed });
    const response = await ask();
    expect(response).toMatchObject({
      parts: fineParts,
      finishReason: "tool_calls",
      usage: { inputTokens: 100, outputTokens: 20, costUsd: null },
      model: "stub-1",
    });
    expect(server.requests[0]).toMatchObject({ stream: streamed, model: "stub-1" });
    expect(server.requests[0]?.tools[0]?.function).toMatchObject({ name: "look", description: "Looks." });
    expect(pieces.join("")).toBe(streamed ? "All is well." : "");
  });

  test.each([
    ["stop", "stop"],
    ["length", "length"],
    ["content_filter", "content_filter"],
  ] as const)("that ended with %s says so", async (finishReason, expected) => {
    const { ask } = await play([{ text: "So far", finishReason }], { streamed });
    expect((await ask()).finishReason).toBe(expected);
  });

  test("keeps reasoning apart from text", async () => {
    const { ask, pieces } = await play([{ reasoning: "Hm.", text: "Yes." }], { streamed });
    expect((await ask()).parts).toEqual([
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Yes." },
    ]);
    expect(pieces.join("")).toBe(streamed ? "Yes." : "");
  });

  const passing: StubFault[] = [
    "429",
    "500",
    "503",
    "529",
    "reset",
    "torn",
    "mid_stream_error",
    "truncated_tool_json",
    "not_json",
    ...(streamed ? (["cut"] as const) : []),
  ];

  test.each(passing)("is asked for again after %s, and only the whole one counts", async (fault) => {
    verifies("P9");
    const { ask, stub: server, clock, pieces } = await play([{ ...fine, fault }, fine], { streamed });
    expect((await ask()).parts).toEqual(fineParts);
    expect(server.requests).toHaveLength(2);
    expect(clock.waits).toEqual([250]);
    expect(pieces.join("").split("[restart]").at(-1)).toBe(streamed ? "All is well." : "");
  });

  test.each(passing)("is given up after three tries that end with %s, for a later attempt", async (fault) => {
    verifies("P9");
    const { ask, stub: server, clock } = await play([{ ...fine, fault }], { streamed });
    await expect(ask()).rejects.toMatchObject({
      name: "PlatosError",
      code: "model.failed",
      retryable: true,
      message: expect.stringMatching(/^openai-compatible:stub-1 .+ \(3 tries\) Try again later\.$/u) as unknown,
    });
    expect(server.requests).toHaveLength(3);
    expect(clock.waits).toEqual([250, 500]);
  });

  test("is asked for again only when that is still allowed", async () => {
    verifies("P17");
    const { ask, stub: server } = await play([{ ...fine, fault: "429" }, fine], { streamed });
    const beforeRetry = () => Promise.reject(new Error("no longer"));
    await expect(ask({ beforeRetry })).rejects.toThrow("no longer");
    expect(server.requests).toHaveLength(1);
  });

  test("that says 200 and then that it is overloaded is told as that", async () => {
    const { ask } = await play([{ ...fine, fault: "mid_stream_error" }], { streamed });
    await expect(ask()).rejects.toThrow("openai-compatible:stub-1 failed: Overloaded. (3 tries) Try again later.");
  });

  test("with arguments that are too deep to go down into is asked for again", async () => {
    const deep = { name: "look", args: {}, argsText: `{"q":${"[".repeat(50_000)}${"]".repeat(50_000)}}` };
    const { ask, stub: server } = await play([{ ...fine, toolCalls: [deep] }, fine], { streamed });
    expect((await ask()).parts).toEqual(fineParts);
    expect(server.requests).toHaveLength(2);
  });

  test("with nothing in it is asked for once more", async () => {
    const { ask, stub: server } = await play([{ text: "" }], { streamed });
    await expect(ask()).rejects.toMatchObject({ code: "model.failed", retryable: true });
    expect(server.requests).toHaveLength(2);
  });

  test("that reached its limit before the first word is not asked for again", async () => {
    const { ask, stub: server } = await play([{ text: "", finishReason: "length" }], { streamed });
    await expect(ask()).rejects.toMatchObject({ code: "model.failed", retryable: false });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["400", "model.failed", "conversation fits"],
    ["401", "model.failed", "OPENAI_COMPATIBLE_API_KEY"],
    ["403", "model.failed", "OPENAI_COMPATIBLE_API_KEY"],
    ["404", "model.not_found", "model's name"],
    ["422", "model.failed", "model takes tools"],
  ] as const)("that is refused with %s is not asked for again, and says what to do", async (fault, code, advice) => {
    verifies("P9.a");
    const { ask, stub: server } = await play([{ fault, errorMessage: "no such luck" }], { streamed });
    const error = (await ask().catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).toContain(`openai-compatible:stub-1 answered ${fault}: no such luck`);
    expect(error.message).toContain(advice);
    expect(server.requests).toHaveLength(1);
  });

  test("is dropped at once when the caller aborts, however silent the server is", async () => {
    verifies("P17");
    const { ask, stub: server, stop } = await play([{ fault: "hang" }], { streamed });
    const reason = new Error("cancelled");
    const thrown = ask().catch((error: unknown) => error);
    await server.received(1);
    stop.abort(reason);
    expect(await thrown).toBe(reason);
  });

  test("that does not come is given up and asked for again", async () => {
    verifies("P9");
    const { ask, stub: server, clock } = await play([{ fault: "hang" }, fine], { streamed });
    const asking = ask();
    await server.received(1);
    for (let minute = 0; minute < 5; minute += 1) await clock.advance(60_000);
    expect((await asking).parts).toEqual(fineParts);
    expect(server.requests).toHaveLength(2);
  });

  test("has ten minutes in all", async () => {
    const {
      ask,
      stub: server,
      clock,
    } = await play([{ fault: "hang" }], {
      streamed,
      limits: { wholeMs: 3_600_000, firstPieceMs: 3_600_000 },
    });
    const thrown = ask().catch((error: unknown) => error);
    await server.received(1);
    for (let minute = 0; minute < 10; minute += 1) await clock.advance(60_000);
    expect(await thrown).toMatchObject({ code: "model.failed", retryable: true });
    expect(server.requests).toHaveLength(1);
  });
});

describe("a provider that does not heed the signal", () => {
  test.each(ways)("is left alone at once when the caller aborts ($way)", async ({ streamed }) => {
    verifies("P17");
    const never = new Promise<never>(() => undefined);
    const deaf = { ...createDemoModel(), doGenerate: () => never, doStream: () => never };
    const stop = new AbortController();
    const providers = { languageModel: () => deaf, secrets: [] };
    const model = createAiSdkModel({ providers, clock: new TestClock(stop.signal), log: silentLog });
    const asking = model.respond({
      model: "demo:scripted",
      system: "",
      transcript: [],
      tools: [],
      signal: stop.signal,
      ...(streamed ? { onText: () => undefined } : {}),
    });
    const reason = new Error("cancelled");
    stop.abort(reason);
    await expect(asking).rejects.toBe(reason);
  });
});

describe("a stream", () => {
  test("that falls silent after its first words is given up after a minute", async () => {
    verifies("P9");
    const shown = Promise.withResolvers<void>();
    const { ask, stub: server, clock } = await play([{ text: "Once upon a time there was", fault: "stall" }, fine]);
    const pieces: string[] = [];
    const asking = ask({
      onText: ({ text, restart }) => {
        pieces.push(restart ? `[restart]${text}` : text);
        shown.resolve();
      },
    });
    await shown.promise;
    await clock.advance(59_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    expect((await asking).parts).toEqual(fineParts);
    expect(pieces.join("")).toMatch(/^Once .+\[restart\]All is well\.$/u);
  });

  test("takes back what a failed try had shown even when no other try follows", async () => {
    const { ask, pieces } = await play([{ ...fine, fault: "mid_stream_error" }], {
      streamed: true,
      retry: { maxTries: 1 },
    });
    await expect(ask()).rejects.toMatchObject({ code: "model.failed" });
    expect(pieces.at(-1)).toBe("[restart]");
  });
});

describe("a model that is slow in one piece", () => {
  test("is streamed from then on", async () => {
    const { ask, stub: server, clock } = await play([{ fault: "hang" }, fine, fine]);
    const asking = ask();
    await server.received(1);
    for (let minute = 0; minute < 3; minute += 1) await clock.advance(60_000);
    await asking;
    await ask();
    expect(server.requests.map((request) => request.stream)).toEqual([false, true, true]);
  });
});

describe("waiting", () => {
  test.each([
    [{ retryAfter: "7" }, 7_000],
    [{ retryAfterMs: 1_500, retryAfter: "9" }, 1_500],
    [{ retryAfter: new Date(Date.UTC(2030, 0, 1, 0, 0, 12)).toUTCString() }, 12_000],
  ] as const)("heeds %o", async (header, expected) => {
    verifies("P9");
    const { ask, clock } = await play([{ fault: "429", ...header }, fine]);
    await ask();
    expect(clock.waits).toEqual([expected]);
  });

  test("longer than half a minute is left to a later attempt, which is told when", async () => {
    verifies("P9");
    const { ask, clock, stub: server } = await play([{ fault: "429", retryAfter: "120" }]);
    await expect(ask()).rejects.toMatchObject({ code: "model.failed", retryable: true, retryAfterMs: 120_000 });
    expect(clock.waits).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test("is spread by full jitter", async () => {
    verifies("P9");
    const none = await play([{ fault: "500" }, { fault: "500" }, fine], { random: () => 0 });
    await none.ask();
    expect(none.clock.waits).toEqual([0, 0]);
    await none.stub.close();
    const most = await play([{ fault: "500" }, { fault: "500" }, fine], { random: () => 0.999 });
    await most.ask();
    expect(most.clock.waits).toEqual([500, 999]);
  });

  test("and trying again stay a fraction of the calls while a provider is down", async () => {
    const { ask, stub: server } = await play([{ fault: "500" }]);
    const calls = 100;
    for (let number = 0; number < calls; number += 1) await ask().catch(() => undefined);
    expect(server.requests.length).toBeLessThanOrEqual(calls * 1.2 + 20);
  });
});

describe("what is told of a failure", () => {
  test("holds no key and not more than a few words of the provider", async () => {
    const errorMessage = `bad key stub-secret-key and sk-proj-abcdef123456 ${"blah ".repeat(200)}`;
    const lines: unknown[] = [];
    const keep = (message: string, fields: unknown): number => lines.push([message, fields]);
    const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
    const { ask } = await play([{ fault: "401", errorMessage }], { log });
    const error = (await ask().catch((thrown: unknown) => thrown)) as Error;
    expect(error.message.length).toBeLessThan(450);
    for (const told of [error.message, JSON.stringify(lines)]) {
      expect(told).not.toContain("stub-secret-key");
      expect(told).not.toContain("sk-proj");
    }
    expect(lines).toHaveLength(1);
  });

  test("an account without credit is not asked again", async () => {
    verifies("P9.a");
    const { ask, stub: server } = await play([
      { fault: "429", errorCode: "insufficient_quota", errorMessage: "quota" },
    ]);
    await expect(ask()).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining("credit") as unknown,
    });
    expect(server.requests).toHaveLength(1);
  });

  test("a server that is not there", async () => {
    verifies("P9");
    const { ask, stub: server } = await play([fine]);
    await server.close();
    await expect(ask()).rejects.toMatchObject({ code: "model.failed", retryable: true });
  });
});

describe("the conversation", () => {
  test("reaches the server in its own shape: calls, results, errors, texts", async () => {
    const transcript: TranscriptEntry[] = [
      { role: "user", text: "Look." },
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "Hm." },
          { type: "text", text: "Looking." },
          { type: "tool_call", callId: "a", tool: "look", args: { q: "1" } },
          { type: "tool_call", callId: "b", tool: "look", args: {} },
        ],
      },
      {
        role: "tool",
        results: [
          { callId: "a", tool: "look", output: { found: [1, null] } },
          { callId: "b", tool: "look", error: { code: "tool.failed", message: "look took too long." } },
        ],
      },
      { role: "assistant", parts: [{ type: "text", text: "" }] },
      { role: "user", text: "And?" },
    ];
    const { ask, stub: server } = await play([fine]);
    await ask({ transcript });
    expect(server.requests[0]?.messages).toMatchObject([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Look." },
      {
        role: "assistant",
        content: "Looking.",
        tool_calls: [
          { id: "a", function: { name: "look", arguments: '{"q":"1"}' } },
          { id: "b", function: { name: "look", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "a", content: '{"found":[1,null]}' },
      { role: "tool", tool_call_id: "b", content: "look took too long." },
      { role: "user", content: "And?" },
    ]);
  });

  test("can be played from a script, turn by turn", async () => {
    const running = await startOpenAiStub({ reply: scriptedReply([{ text: "first" }, { text: "second" }]) });
    stub = running;
    const { signal } = new AbortController();
    const providers = createProviders({ openaiCompatible: { baseUrl: running.baseUrl } });
    const model = createAiSdkModel({ providers, clock: new TestClock(signal), log: silentLog });
    const transcript: TranscriptEntry[] = [{ role: "user", text: "Hello" }];
    for (const expected of ["first", "second"]) {
      const { parts } = await model.respond({
        model: "openai-compatible:m",
        system: "",
        transcript,
        tools: [],
        signal,
      });
      expect(parts).toEqual([{ type: "text", text: expected }]);
      transcript.push({ role: "assistant", parts }, { role: "user", text: "Go on" });
    }
    const beyond = model.respond({ model: "openai-compatible:m", system: "", transcript, tools: [], signal });
    await expect(beyond).rejects.toMatchObject({ message: expect.stringContaining("no turn 2") as unknown });
  });
});
