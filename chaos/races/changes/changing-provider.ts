import { createAiSdkModel } from "../../../packages/platos-tasks/src/agent-loop/ai-sdk-model.ts";
import { createProviders } from "../../../packages/platos-tasks/src/agent-loop/providers.ts";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import type { ModelPort } from "../../../packages/platos-tasks/src/core/ports/model.ts";
import { systemClock } from "../../../packages/platos-tasks/src/system/system-clock.ts";
import { createGate, type Gate } from "../../../packages/platos-tasks/src/testing/gate.ts";
import {
  type OpenAiStub,
  startOpenAiStub,
  type StubReply,
  type StubRequest,
} from "../../../packages/platos-tasks/src/testing/openai-stub.ts";

/** What the provider knows of one conversation, told by its prompt. Whoever holds it may change it at any time. */
export interface Account {
  readonly prompt: string;
  /** The only key that it takes. */
  key: string;
  readonly models: Set<string>;
  /** The answers, in order; after them it says what its last calls were told. */
  readonly script: readonly StubReply[];
  /** Opened when it has been asked for the first time. */
  readonly asked: Gate;
  /** Its first answer waits for this. */
  readonly mayAnswer: Gate;
  readonly requests: StubRequest[];
}

/** A provider over HTTP whose keys are revoked and whose models are retired, asked by the product's own code. */
export class ChangingProvider {
  readonly #accounts = new Map<string, Account>();
  #stub: OpenAiStub | null = null;

  static async start(): Promise<ChangingProvider> {
    const provider = new ChangingProvider();
    provider.#stub = await startOpenAiStub({ record: false, reply: (request) => provider.#reply(request) });
    return provider;
  }

  open(of: Pick<Account, "prompt" | "key" | "script"> & { readonly model: string }): Account {
    const account: Account = {
      prompt: of.prompt,
      key: of.key,
      script: of.script,
      models: new Set([of.model]),
      asked: createGate(),
      mayAnswer: createGate(),
      requests: [],
    };
    this.#accounts.set(of.prompt, account);
    return account;
  }

  /** The models of a worker that was started with this key. */
  modelFor(key: string): ModelPort {
    const openaiCompatible = { baseUrl: this.#stub?.baseUrl ?? "", apiKey: key };
    return createAiSdkModel({ providers: createProviders({ openaiCompatible }), clock: systemClock, log: silentLog });
  }

  async close(): Promise<void> {
    await this.#stub?.close();
  }

  async #reply(request: StubRequest): Promise<StubReply> {
    const prompt = request.messages.findLast(({ role }) => role === "user")?.content ?? "";
    const account = this.#accounts.get(prompt);
    if (account === undefined) throw new Error(`Nobody expects "${prompt}".`);
    account.requests.push(request);
    const key = String(request.headers["authorization"]).replace("Bearer ", "");
    // Some providers repeat the key that they refuse.
    if (key !== account.key)
      return { fault: "401", errorCode: "invalid_api_key", errorMessage: `Incorrect key: ${key}` };
    if (!account.models.has(request.model)) {
      return { fault: "404", errorCode: "model_not_found", errorMessage: `${request.model} has been retired` };
    }
    if (request.assistantTurns === 0) {
      account.asked.open();
      await account.mayAnswer.opened;
    }
    const told = request.messages.flatMap(({ role, content }) => (role === "tool" ? [content ?? ""] : []));
    return account.script[request.assistantTurns] ?? { text: `told: ${told.join(" | ")}` };
  }
}
