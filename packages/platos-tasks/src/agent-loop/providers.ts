import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { PlatosError } from "../core/errors.ts";
import { createDemoModel } from "./demo/demo-model.ts";

export interface ProvidersConfig {
  readonly openaiApiKey?: string | undefined;
  readonly anthropicApiKey?: string | undefined;
  readonly googleApiKey?: string | undefined;
  readonly openaiCompatible?: { readonly baseUrl: string; readonly apiKey?: string | undefined } | undefined;
  /** False takes `demo:scripted` away. */
  readonly demo?: boolean;
  /** In place of the global one, for tests and proxies. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface Providers {
  /**
   * The model behind `provider:model`. Throws `model.not_found` for a name that no provider answers to and
   * `model.key_missing` for a provider that is not set up.
   */
  languageModel(name: string): LanguageModelV4;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}

type ProviderName = keyof typeof keyVariables;

/** The variable that holds each provider's key. */
export const keyVariables = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  google: "GOOGLE_GENERATIVE_AI_API_KEY",
  "openai-compatible": "OPENAI_COMPATIBLE_API_KEY",
} as const;

export const demoModelName = "demo:scripted";

/** The providers that the configuration has keys for. Models are made once per name. */
export function createProviders(config: ProvidersConfig): Providers {
  const models = new Map<string, LanguageModelV4>();
  const make = providerTable(config);
  return {
    languageModel(name) {
      const known = models.get(name);
      if (known !== undefined) return known;
      const [prefix, id] = splitModelName(name);
      const model = prefix === "demo" ? demoModel(name, config) : make[providerNamed(prefix, name)](id, name);
      models.set(name, model);
      return model;
    },
    secrets: [
      config.openaiApiKey,
      config.anthropicApiKey,
      config.googleApiKey,
      config.openaiCompatible?.apiKey,
    ].flatMap((secret) => (secret === undefined || secret === "" ? [] : [secret])),
  };
}

type MakeModel = (id: string, name: string) => LanguageModelV4;

function providerTable(config: ProvidersConfig): Record<ProviderName, MakeModel> {
  const fetching = config.fetch === undefined ? {} : { fetch: config.fetch };
  return {
    openai: (id, name) => createOpenAI({ apiKey: keyFor("openai", name, config.openaiApiKey), ...fetching })(id),
    anthropic: (id, name) =>
      createAnthropic({ apiKey: keyFor("anthropic", name, config.anthropicApiKey), ...fetching })(id),
    google: (id, name) => createGoogle({ apiKey: keyFor("google", name, config.googleApiKey), ...fetching })(id),
    "openai-compatible": (id, name) => {
      const server = config.openaiCompatible;
      if (server === undefined || server.baseUrl === "") {
        const message = `${name} needs the address of its server. Set OPENAI_COMPATIBLE_BASE_URL and restart.`;
        throw new PlatosError("model.key_missing", message);
      }
      return createOpenAICompatible({
        name: "openai-compatible",
        baseURL: server.baseUrl,
        includeUsage: true,
        ...(server.apiKey === undefined || server.apiKey === "" ? {} : { apiKey: server.apiKey }),
        ...fetching,
      }).chatModel(id);
    },
  };
}

/** Splits `provider:model` at its first colon; a model's own name may hold more of them. */
export function splitModelName(name: string): readonly [provider: string, id: string] {
  const at = name.indexOf(":");
  if (at > 0 && at < name.length - 1) return [name.slice(0, at), name.slice(at + 1)];
  const message = `"${name}" is not a model name. Write provider:model, for example openai:gpt-5 or ${demoModelName}.`;
  throw new PlatosError("model.not_found", message);
}

function providerNamed(prefix: string, name: string): ProviderName {
  if (Object.hasOwn(keyVariables, prefix)) return prefix as ProviderName;
  const known = [...Object.keys(keyVariables), "demo"].join(", ");
  throw new PlatosError("model.not_found", `No provider is called "${prefix}" (${name}). Use one of: ${known}.`);
}

function demoModel(name: string, config: ProvidersConfig): LanguageModelV4 {
  if (name === demoModelName && config.demo !== false) return createDemoModel();
  throw new PlatosError("model.not_found", `There is no model ${name} here. Name a model of a provider you have.`);
}

function keyFor(provider: ProviderName, name: string, key: string | undefined): string {
  if (key !== undefined && key !== "") return key;
  const variable = keyVariables[provider];
  throw new PlatosError("model.key_missing", `${name} needs a key. Set ${variable} for the worker and restart it.`);
}
