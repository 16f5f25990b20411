import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import type { Runtime } from "../../packages/platos-tasks/src/runtime.ts";

/** The environment that all processes of one measurement share. */
export async function benchCaller(runtime: Runtime): Promise<Caller> {
  const { store, identity } = runtime.operations;
  const { orgId, projectId, envId } = await store.autocommit.access.ensureEnvironment(
    { org: "bench", project: "bench", env: "dev" },
    {
      orgId: identity.newId("organisation"),
      projectId: identity.newId("project"),
      envId: identity.newId("environment"),
    },
  );
  return { scope: { orgId, projectId, envId }, actor: { type: "system", id: null } };
}

/** The agent that uses this model, made at its first use. */
export async function benchAgent(
  runtime: Runtime,
  caller: Caller,
  of: { readonly model: string; readonly systemPrompt: string },
): Promise<string> {
  const { store, identity } = runtime.operations;
  const slug = of.model.replaceAll(/[^a-z0-9]+/gu, "-");
  const known = await store.autocommit.agents.find(caller.scope, slug);
  if (known !== null) return known.id;
  const made = await store.autocommit.agents.insert(caller.scope, {
    id: identity.newId("agent"),
    versionId: identity.newId("agentVersion"),
    slug,
    name: "Bench",
    model: of.model,
    systemPrompt: of.systemPrompt,
    tools: runtime.toolNames,
    metaTools: [],
    askTools: [],
    budget: { maxTurns: 1000 },
  });
  return made.id;
}

export async function benchThread(runtime: Runtime, caller: Caller, agentId: string): Promise<string> {
  const { store, identity } = runtime.operations;
  const id = identity.newId("thread");
  await store.autocommit.threads.insert(caller.scope, { id, agentId, title: null, clientChatId: null });
  return id;
}
