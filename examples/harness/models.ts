import { decideDemoReply } from "../../packages/platos-tasks/src/agent-loop/demo/demo-brain.ts";
import { rulesReply } from "../../packages/platos-tasks/src/testing/openai-stub-rules.ts";
import { startOpenAiStub } from "../../packages/platos-tasks/src/testing/openai-stub.ts";

export interface ModelUnderTest {
  readonly name: string;
  /** What the product is started with to use it. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests that reached it over HTTP; null for a model inside the process. */
  readonly requests: () => number | null;
  stop(): Promise<void>;
}

export const modelNames = ["demo", "openai-compatible"] as const;

/** The model that ships with the product, or the same rules behind an OpenAI-compatible server. */
export async function startModel(name: (typeof modelNames)[number]): Promise<ModelUnderTest> {
  if (name === "demo") {
    return { name, env: { PLATOS_MODEL: "demo:scripted" }, requests: () => null, stop: async () => undefined };
  }
  const stub = await startOpenAiStub({ reply: rulesReply(decideDemoReply) });
  return {
    name,
    env: { PLATOS_MODEL: "openai-compatible:rules", OPENAI_COMPATIBLE_BASE_URL: stub.baseUrl },
    requests: () => stub.requests.length,
    stop: () => stub.close(),
  };
}
