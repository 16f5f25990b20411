import { describe, expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { silentLog } from "../core/ports/log.ts";
import type { ModelRequest } from "../core/ports/model.ts";
import { transcriptOf } from "../core/journal.ts";
import type { ModelResponse, TranscriptEntry } from "../core/transcript.ts";
import { createAiSdkModel } from "./ai-sdk-model.ts";
import { createProviders, type ProvidersConfig } from "./providers.ts";

describe("a model's name", () => {
  const providers = createProviders({ openaiApiKey: "k", demo: true });

  test.each(["gpt-5", ":gpt-5", "openai:", ""])("%o is not one", (name) => {
    expect(() => providers.languageModel(name)).toThrowError(
      expect.objectContaining({ code: "model.not_found" }) as Error,
    );
  });

  test.each(["mistral:large", "demo:other", "toString:x"])("%s belongs to no provider", (name) => {
    expect(() => providers.languageModel(name)).toThrowError(
      expect.objectContaining({ code: "model.not_found" }) as Error,
    );
  });

  test("may hold colons of its own", () => {
    const local = createProviders({ openaiCompatible: { baseUrl: "http://127.0.0.1:1/v1" } });
    expect(local.languageModel("openai-compatible:qwen3:8b").modelId).toBe("qwen3:8b");
  });

  test("is resolved once", () => {
    expect(providers.languageModel("openai:gpt-5")).toBe(providers.languageModel("openai:gpt-5"));
  });

  test("demo:scripted can be switched off", () => {
    expect(providers.languageModel("demo:scripted").provider).toBe("demo");
    expect(() => createProviders({ demo: false }).languageModel("demo:scripted")).toThrow("no model demo:scripted");
  });
});

describe("a provider that is not set up", () => {
  test.each([
    ["openai:gpt-5", "OPENAI_API_KEY"],
    ["anthropic:claude-sonnet-5", "ANTHROPIC_API_KEY"],
    ["google:gemini-2.5-pro", "GOOGLE_GENERATIVE_AI_API_KEY"],
    ["openai-compatible:llama3", "OPENAI_COMPATIBLE_BASE_URL"],
  ])("%s names the variable %s", async (model, variable) => {
    verifies("R5");
    const port = createAiSdkModel({ providers: createProviders({}), clock: still, log: silentLog });
    await expect(port.respond(requestOf(model, []))).rejects.toMatchObject({
      code: "model.key_missing",
      message: expect.stringContaining(variable) as unknown,
    });
  });
});

const still = { now: () => new Date(0), sleep: () => new Promise<void>(() => undefined) };

function requestOf(model: string, transcript: readonly TranscriptEntry[]): ModelRequest {
  return {
    model,
    system: "Be brief.",
    transcript,
    tools: [
      { name: "look", description: "Looks.", inputSchema: { type: "object", properties: { q: { type: "string" } } } },
    ],
    signal: new AbortController().signal,
  };
}

/** Asks twice: what the first answer holds must come back to the provider with the second request. */
async function twoTurns(
  model: string,
  config: ProvidersConfig,
  answer: Json,
): Promise<{ response: ModelResponse; body: JsonObject }> {
  const bodies: JsonObject[] = [];
  const fetch: typeof globalThis.fetch = (_url, init) => {
    if (typeof init?.body !== "string") throw new Error("The request has no text body.");
    bodies.push(JSON.parse(init.body) as JsonObject);
    return Promise.resolve(Response.json(answer));
  };
  const providers = createProviders({ ...config, fetch });
  const port = createAiSdkModel({ providers, clock: still, log: silentLog });
  const opening: TranscriptEntry[] = [{ role: "user", text: "Look." }];
  const response = await port.respond(requestOf(model, opening));
  const call = response.parts.find((part) => part.type === "tool_call");
  // As it comes out of the journal.
  const journalled = JSON.parse(JSON.stringify(response)) as ModelResponse;
  const after = transcriptOf([
    { kind: "model", response: journalled },
    { kind: "tool_result", result: { callId: call?.callId ?? "", tool: "look", output: { found: true } } },
  ]);
  await port.respond(requestOf(model, [...opening, ...after]));
  return { response, body: bodies[1] ?? {} };
}

describe("what a provider needs back", () => {
  test("Anthropic: thinking with its signature, the call, the result", async () => {
    const { response, body } = await twoTurns(
      "anthropic:claude-sonnet-5",
      { anthropicApiKey: "k" },
      {
        type: "message",
        id: "msg_1",
        model: "claude-sonnet-5",
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm.", signature: "sig-1" },
          { type: "text", text: "Looking." },
          { type: "tool_use", id: "toolu_1", name: "look", input: { q: "x" } },
        ],
        stop_reason: "tool_use",
        stop_sequence: null,
        usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 50 },
      },
    );
    expect(response).toMatchObject({ finishReason: "tool_calls", usage: { inputTokens: 160, outputTokens: 5 } });
    expect(response.usage.costUsd).toBeCloseTo((10 * 2 + 100 * 0.2 + 50 * 2.5 + 5 * 10) / 1e6, 12);
    expect(body).toMatchObject({
      cache_control: { type: "ephemeral" },
      messages: [
        { role: "user" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Hm.", signature: "sig-1" },
            { type: "text", text: "Looking." },
            { type: "tool_use", id: "toolu_1", name: "look", input: { q: "x" } },
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: '{"found":true}' }] },
      ],
    });
  });

  test("OpenAI: encrypted reasoning and the call, from our journal and not from its store", async () => {
    const { body } = await twoTurns(
      "openai:gpt-5",
      { openaiApiKey: "k" },
      {
        id: "resp_1",
        created_at: 1,
        model: "gpt-5",
        output: [
          { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "secret-thoughts" },
          {
            type: "function_call",
            id: "fc_1",
            call_id: "call_1",
            name: "look",
            arguments: '{"q":"x"}',
            status: "completed",
          },
        ],
        usage: { input_tokens: 10, output_tokens: 5 },
      },
    );
    expect(body["store"]).toBe(false);
    expect(body["include"]).toContain("reasoning.encrypted_content");
    const input = body["input"] as readonly Json[];
    expect(input).toContainEqual(expect.objectContaining({ type: "reasoning", encrypted_content: "secret-thoughts" }));
    expect(input).toContainEqual(
      expect.objectContaining({ type: "function_call", call_id: "call_1", name: "look", arguments: '{"q":"x"}' }),
    );
    expect(input).toContainEqual(
      expect.objectContaining({ type: "function_call_output", call_id: "call_1", output: '{"found":true}' }),
    );
    expect(JSON.stringify(input)).not.toContain("item_reference");
  });

  test("Google: the thought signature of the call", async () => {
    const { response, body } = await twoTurns(
      "google:gemini-3-pro-preview",
      { googleApiKey: "k" },
      {
        candidates: [
          {
            content: {
              role: "model",
              parts: [{ functionCall: { name: "look", args: { q: "x" } }, thoughtSignature: "sig-9" }],
            },
            finishReason: "STOP",
          },
        ],
        usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
      },
    );
    expect(response.finishReason).toBe("tool_calls");
    expect(JSON.stringify(body["contents"])).toContain('"thoughtSignature":"sig-9"');
    expect(JSON.stringify(body["contents"])).toContain('"functionResponse"');
  });
});
