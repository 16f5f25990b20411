import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { PlatosError } from "./core/errors.ts";

const text = z.string().trim().min(1);
const secret = text.optional();

const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3030),
  HOST: text.default("127.0.0.1"),
  PLATOS_HOME: text.optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//u, "must begin with postgres:// or postgresql://")
    .optional(),
  PLATOS_API_KEY: z.string().min(20, "must have at least 20 characters; leave it out to get a random one").optional(),
  PLATOS_ENGINE: z.enum(["embedded"], "must be embedded (the trigger engine is not built yet)").default("embedded"),
  PLATOS_ROLE: z.enum(["all", "server", "worker"]).default("all"),
  PLATOS_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(1000).default(20),
  PLATOS_MODEL: z
    .string()
    .regex(/^[\w-]+:.+$/u, "must look like provider:model")
    .optional(),
  PLATOS_LINK_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  PLATOS_PUBLIC_URL: z.url({ protocol: /^https?$/u }).optional(),
  PLATOS_EGRESS_ALLOW: z.string().default(""),
  PLATOS_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
  OPENAI_API_KEY: secret,
  ANTHROPIC_API_KEY: secret,
  GOOGLE_GENERATIVE_AI_API_KEY: secret,
  OPENAI_COMPATIBLE_BASE_URL: z.url({ protocol: /^https?$/u }).optional(),
  OPENAI_COMPATIBLE_API_KEY: secret,
});

const webhookSecretPrefix = "PLATOS_WEBHOOK_SECRET_";

const webhookSecretsSchema = z
  .record(z.string(), z.string().min(16, "must have at least 16 characters"))
  .superRefine((secrets, { addIssue }) => {
    for (const name of Object.keys(secrets)) {
      if (/^[A-Z0-9_]{1,64}$/u.test(name.slice(webhookSecretPrefix.length))) continue;
      addIssue({
        code: "custom",
        path: [name],
        message: "must end with a name of capital letters, digits, underscores",
      });
    }
  });

function webhookSecretsOf(given: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name.startsWith(webhookSecretPrefix)));
}

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly homeDir: string;
  /** Absent: the embedded database under `homeDir`. */
  readonly databaseUrl: string | undefined;
  readonly apiKey: string | undefined;
  readonly engine: "embedded";
  readonly role: "all" | "server" | "worker";
  /** BGOs that one worker process runs at once; it runs as many chat turns beside them. */
  readonly workerConcurrency: number;
  readonly model: string;
  /** Whether somebody chose it, rather than the keys that are there. */
  readonly isModelChosen: boolean;
  /** Where people reach the server, without a slash at the end; absent: host and port. */
  readonly publicUrl: string | undefined;
  /** Public links are derived from it; absent: one is made under `homeDir`. The same for all processes on one database. */
  readonly linkSecret: string | undefined;
  /** Secrets that webhooks are signed with, by the name behind `PLATOS_WEBHOOK_SECRET_`. */
  readonly webhookSecrets: ReadonlyMap<string, string>;
  /** Private hosts and networks that tools may reach. */
  readonly egressAllow: readonly string[];
  readonly logLevel: string;
  readonly providers: {
    readonly openaiApiKey: string | undefined;
    readonly anthropicApiKey: string | undefined;
    readonly googleApiKey: string | undefined;
    readonly openaiCompatible: { readonly baseUrl: string; readonly apiKey: string | undefined } | undefined;
  };
  /** The environment as it was given, for child processes that need paths from it. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
}

/** Reads the environment, the only place that does. Throws one `input.invalid` that lists every mistake. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  // An empty variable is one that was not set: shells and compose files leave them behind.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  const secrets = webhookSecretsSchema.safeParse(webhookSecretsOf(given));
  if (!parsed.success || !secrets.success) {
    const found = [...(parsed.error?.issues ?? []), ...(secrets.error?.issues ?? [])];
    const issues = found.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
    const list = issues.map((issue) => `  ${issue.path}: ${issue.message}`).join("\n");
    throw new PlatosError("input.invalid", `The configuration is not valid:\n${list}`, { issues });
  }
  const webhookSecrets = new Map(
    Object.entries(secrets.data).map(([name, value]) => [name.slice(webhookSecretPrefix.length), value]),
  );
  return { ...configOf(parsed.data, environment), webhookSecrets };
}

function configOf(
  env: z.infer<typeof environmentSchema>,
  baseEnv: Readonly<Record<string, string | undefined>>,
): Omit<Config, "webhookSecrets"> {
  return {
    port: env.PORT,
    host: env.HOST,
    homeDir: env.PLATOS_HOME ?? join(homedir(), ".platos"),
    databaseUrl: env.DATABASE_URL,
    apiKey: env.PLATOS_API_KEY,
    engine: env.PLATOS_ENGINE,
    role: env.PLATOS_ROLE,
    workerConcurrency: env.PLATOS_WORKER_CONCURRENCY,
    model: env.PLATOS_MODEL ?? defaultModel(env),
    isModelChosen: env.PLATOS_MODEL !== undefined,
    publicUrl: env.PLATOS_PUBLIC_URL?.replace(/\/+$/u, ""),
    linkSecret: env.PLATOS_LINK_SECRET,
    egressAllow: env.PLATOS_EGRESS_ALLOW.split(/[\s,]+/u).filter((entry) => entry !== ""),
    logLevel: env.PLATOS_LOG_LEVEL,
    providers: {
      openaiApiKey: env.OPENAI_API_KEY,
      anthropicApiKey: env.ANTHROPIC_API_KEY,
      googleApiKey: env.GOOGLE_GENERATIVE_AI_API_KEY,
      openaiCompatible:
        env.OPENAI_COMPATIBLE_BASE_URL === undefined
          ? undefined
          : { baseUrl: env.OPENAI_COMPATIBLE_BASE_URL, apiKey: env.OPENAI_COMPATIBLE_API_KEY },
    },
    baseEnv,
  };
}

/** The seeded agent uses the provider there is a key for; without any it is the demo model that ships with us. */
function defaultModel(env: z.infer<typeof environmentSchema>): string {
  if (env.ANTHROPIC_API_KEY !== undefined) return "anthropic:claude-sonnet-4-5";
  if (env.OPENAI_API_KEY !== undefined) return "openai:gpt-5-mini";
  if (env.GOOGLE_GENERATIVE_AI_API_KEY !== undefined) return "google:gemini-2.5-flash";
  return "demo:scripted";
}
