import { defaultMetaTools, seededAgentSlug } from "../core/agent.ts";
import { systemActor } from "../core/actor.ts";
import type { Environment, EnvironmentSlugs, Tx } from "../core/ports/store.ts";
import { newKey } from "./create-key.ts";
import type { OperationContext } from "./context.ts";
import { ensureEnvironment } from "./ensure-environment.ts";

export const defaultEnvironment: EnvironmentSlugs = { org: "default", project: "default", env: "dev" };

export interface SeedOptions {
  /** Becomes the default environment's key; absent: a random one is made at first boot. */
  readonly apiKey: string | undefined;
  /** Model of the seeded agent. */
  readonly model: string;
  /** True: a later start with another model gives the agent a new version. False: what the agent has stays. */
  readonly isModelChosen: boolean;
  readonly toolNames: readonly string[];
}

const systemPrompt =
  "You are a helpful assistant. Answer briefly and plainly. Use your tools when they help, and say so when you do not know something.";

/** Makes what a new installation needs: the default environment, its agent and its key. May run at every start. */
export async function seedDefaults(
  ctx: OperationContext,
  options: SeedOptions,
): Promise<{ readonly environment: Environment; readonly newKey: string | null }> {
  return ctx.store.transaction("seed", async (tx) => {
    const environment = await ensureEnvironment(ctx, tx, defaultEnvironment);
    // One seeder at a time: the environment's row was just written and is locked.
    await seedAgent(ctx, tx, { environment, options });
    return { environment, newKey: await seedKey(ctx, tx, { environment, apiKey: options.apiKey }) };
  });
}

async function seedAgent(
  ctx: OperationContext,
  tx: Tx,
  { environment, options }: { readonly environment: Environment; readonly options: SeedOptions },
): Promise<void> {
  const agent = await tx.agents.find(environment, seededAgentSlug);
  const version = {
    versionId: ctx.identity.newId("agentVersion"),
    name: agent?.name ?? "Assistant",
    model: options.model,
    systemPrompt: agent?.systemPrompt ?? systemPrompt,
    tools: agent?.tools ?? options.toolNames,
    metaTools: agent?.metaTools ?? defaultMetaTools,
    askTools: agent?.askTools ?? [],
    budget: agent?.budget ?? {},
  };
  if (agent === null) {
    await tx.agents.insert(environment, { id: ctx.identity.newId("agent"), slug: seededAgentSlug, ...version });
  } else if (options.isModelChosen && agent.model !== options.model) {
    await tx.agents.addVersion(environment, agent.id, version);
  }
}

async function seedKey(
  ctx: OperationContext,
  tx: Tx,
  { environment, apiKey }: { readonly environment: Environment; readonly apiKey: string | undefined },
): Promise<string | null> {
  if (apiKey !== undefined) {
    const hash = ctx.identity.sha256(apiKey);
    await tx.access.insertKey(environment, { id: ctx.identity.newId("apiKey"), name: "PLATOS_API_KEY", hash });
    return null;
  }
  if (await tx.access.hasKey(environment)) return null;
  const made = newKey(ctx);
  await tx.access.insertKey(environment, { ...made.row, name: "first key" });
  await tx.audit.append(environment, {
    actor: systemActor,
    action: "api_key.created",
    targetType: "api_key",
    targetId: made.row.id,
    details: { name: "first key" },
  });
  return made.key;
}
