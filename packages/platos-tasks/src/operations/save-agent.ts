import type { Agent } from "../core/agent.ts";
import type { Budget } from "../core/budget.ts";
import { PlatosError } from "../core/errors.ts";
import type { Caller, OperationContext } from "./context.ts";
import { agentNotFound } from "./not-found.ts";

export interface AgentSettings {
  readonly name: string;
  readonly model: string;
  readonly systemPrompt: string;
  readonly tools: readonly string[];
  readonly metaTools: readonly string[];
  readonly askTools: readonly string[];
  readonly budget: Budget;
}

export async function createAgent(
  ctx: OperationContext,
  caller: Caller,
  agent: AgentSettings & { readonly slug: string },
): Promise<Agent> {
  try {
    return await ctx.store.transaction("create agent", async (tx) => {
      if ((await tx.agents.find(caller.scope, agent.slug)) !== null) throw slugTaken(agent.slug);
      const ids = { id: ctx.identity.newId("agent"), versionId: ctx.identity.newId("agentVersion") };
      const created = await tx.agents.insert(caller.scope, { ...ids, ...agent });
      await tx.audit.append(caller.scope, auditOf(caller, created, "agent.created"));
      return created;
    });
  } catch (error) {
    // Of two that had both looked and seen none, the second comes here.
    if (PlatosError.is(error)) throw error;
    if ((await ctx.store.autocommit.agents.find(caller.scope, agent.slug)) !== null) throw slugTaken(agent.slug);
    throw error;
  }
}

function slugTaken(slug: string): PlatosError {
  const message = `There is an agent ${slug} already. Choose another slug, or change that one.`;
  return new PlatosError("input.invalid", message, { issues: [{ path: "slug", message: "taken" }] });
}

/** Adds a version; BGOs and turns that exist keep the one they were made with. */
export async function updateAgent(
  ctx: OperationContext,
  caller: Caller,
  change: { readonly agent: string; readonly settings: Partial<AgentSettings> },
): Promise<Agent> {
  return ctx.store.transaction("update agent", async (tx) => {
    const before = await tx.agents.lock(caller.scope, change.agent);
    if (before === null) throw agentNotFound(change.agent);
    const { name, model, systemPrompt, tools, metaTools, askTools, budget } = { ...before, ...change.settings };
    const version = { name, model, systemPrompt, tools, metaTools, askTools, budget };
    const versionId = ctx.identity.newId("agentVersion");
    const after = await tx.agents.addVersion(caller.scope, before.id, { versionId, ...version });
    if (after === null) throw agentNotFound(change.agent);
    await tx.audit.append(caller.scope, auditOf(caller, after, "agent.updated"));
    return after;
  });
}

function auditOf(caller: Caller, agent: Agent, action: string) {
  return {
    actor: caller.actor,
    action,
    targetType: "agent",
    targetId: agent.id,
    details: { slug: agent.slug, version: agent.version, model: agent.model },
  };
}
