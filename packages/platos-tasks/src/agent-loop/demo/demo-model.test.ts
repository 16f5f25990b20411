import { afterEach, expect, test } from "vitest";
import { silentLog } from "../../core/ports/log.ts";
import type { ModelRequest } from "../../core/ports/model.ts";
import { startOpenAiStub, type OpenAiStub } from "../../testing/openai-stub.ts";
import { rulesReply } from "../../testing/openai-stub-rules.ts";
import { createAiSdkModel } from "../ai-sdk-model.ts";
import { decideDemoReply } from "./demo-brain.ts";
import { createDemoModel } from "./demo-model.ts";
import { createProviders, type Providers } from "../providers.ts";

const still = { now: () => new Date(0), sleep: () => new Promise<void>(() => undefined) };
const fast: Providers = { languageModel: () => createDemoModel({ pieceDelayMs: 0 }), secrets: [] };

let stub: OpenAiStub | undefined;

afterEach(async () => {
  await stub?.close();
  stub = undefined;
});

function request(model: string, text: string): ModelRequest {
  return {
    model,
    system: "Be brief.",
    transcript: [{ role: "user", text }],
    tools: [{ name: "spawn_bgo", description: "Starts a BGO.", inputSchema: { type: "object" } }],
    signal: new AbortController().signal,
  };
}

test("answers at no cost, in small pieces when somebody watches", async () => {
  const model = createAiSdkModel({ providers: fast, clock: still, log: silentLog });
  const pieces: string[] = [];
  const response = await model.respond({
    ...request("demo:scripted", "Hello"),
    onText: ({ text }) => pieces.push(text),
  });
  expect(response).toMatchObject({ finishReason: "stop", model: "scripted", usage: { costUsd: 0 } });
  expect(response.usage.outputTokens).toBeGreaterThan(0);
  expect(pieces.length).toBeGreaterThan(10);
  expect(response.parts).toEqual([{ type: "text", text: pieces.join("") }]);
});

test("gives the same answer whole and in pieces, and the same again", async () => {
  const model = createAiSdkModel({ providers: fast, clock: still, log: silentLog });
  const asked = request("demo:scripted", "Render slides about owls");
  const whole = await model.respond(asked);
  const streamed = await model.respond({ ...asked, onText: () => undefined });
  expect(whole.parts).toMatchObject([{ type: "tool_call", tool: "spawn_bgo", args: { label: "render-slides" } }]);
  expect(streamed.parts).toEqual(whole.parts);
  expect((await model.respond(asked)).parts).toEqual(whole.parts);
});

test("stops in the middle of a word when it is aborted", async () => {
  const model = createAiSdkModel({ providers: createProviders({}), clock: still, log: silentLog });
  const stop = new AbortController();
  const reason = new Error("cancelled");
  const asking = model.respond({
    ...request("demo:scripted", "Hello"),
    signal: stop.signal,
    onText: () => stop.abort(reason),
  });
  await expect(asking).rejects.toBe(reason);
});

test("its rules can answer through the stub, over a provider's real code", async () => {
  const running = await startOpenAiStub({ reply: rulesReply(decideDemoReply) });
  stub = running;
  const providers = createProviders({ openaiCompatible: { baseUrl: running.baseUrl } });
  const model = createAiSdkModel({ providers, clock: still, log: silentLog });
  const asked = request("openai-compatible:demo", "Render slides about owls");
  const first = await model.respond(asked);
  expect(first.parts).toMatchObject([{ type: "tool_call", tool: "spawn_bgo", callId: "demo_0_0" }]);
  const second = await model.respond({
    ...asked,
    transcript: [
      ...asked.transcript,
      { role: "assistant", parts: first.parts },
      { role: "tool", results: [{ callId: "demo_0_0", tool: "spawn_bgo", output: { bgoId: "bgo_9" } }] },
    ],
  });
  expect(second.parts).toMatchObject([{ type: "text", text: expect.stringContaining("bgo_9") as unknown }]);
});
