import { readConfig } from "../config.ts";
import type { Caller } from "../operations/context.ts";
import type { ModelPort } from "../core/ports/model.ts";
import type { Environment } from "../core/ports/store.ts";
import { type Log, silentLog } from "../core/ports/log.ts";
import type { Tool } from "../core/tool.ts";
import { defaultMetaTools } from "../core/agent.ts";
import type { Agent } from "../core/agent.ts";
import { openRuntime, type Runtime } from "../runtime.ts";
import { systemIdentity } from "../system/system-identity.ts";

export interface TestRuntimeOptions {
  readonly connectionString: string;
  /** Environment variables of the configuration. */
  readonly env?: Readonly<Record<string, string>>;
  readonly model?: ModelPort;
  readonly tools?: readonly Tool[];
  readonly log?: Log;
}

/** Of all test runtimes, so that each can show the links of the others and none makes a file. */
const testLinkSecret = "a secret for the links of tests only";

/** A runtime on a test's database. Stop it in `afterAll`, or the run reports a leak. */
export async function openTestRuntime(options: TestRuntimeOptions): Promise<Runtime> {
  return openRuntime({
    config: readConfig({ PLATOS_LOG_LEVEL: "silent", PLATOS_LINK_SECRET: testLinkSecret, ...options.env }),
    connectionString: options.connectionString,
    log: options.log ?? silentLog,
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.tools === undefined ? {} : { tools: options.tools }),
  });
}

/** An environment of the test's own: tests on one database never see each other. */
export async function createTestTenant(runtime: Runtime): Promise<Caller & { readonly environment: Environment }> {
  const slug = systemIdentity
    .newSecret(6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/gu, "0");
  const environment = await runtime.operations.store.autocommit.access.ensureEnvironment(
    { org: `org-${slug}`, project: "project", env: "dev" },
    {
      orgId: systemIdentity.newId("organisation"),
      projectId: systemIdentity.newId("project"),
      envId: systemIdentity.newId("environment"),
    },
  );
  const { orgId, projectId, envId } = environment;
  return { environment, scope: { orgId, projectId, envId }, actor: { type: "system", id: null } };
}

export async function createTestAgent(
  runtime: Runtime,
  caller: Caller,
  changes: Partial<Pick<Agent, "slug" | "model" | "tools" | "metaTools" | "askTools" | "budget" | "systemPrompt">> = {},
): Promise<Agent> {
  return runtime.operations.store.autocommit.agents.insert(caller.scope, {
    id: systemIdentity.newId("agent"),
    versionId: systemIdentity.newId("agentVersion"),
    slug: "assistant",
    name: "Assistant",
    model: "demo:scripted",
    systemPrompt: "You are a helpful assistant.",
    tools: runtime.toolNames,
    metaTools: defaultMetaTools,
    askTools: [],
    budget: {},
    ...changes,
  });
}

export async function createTestThread(runtime: Runtime, caller: Caller, agent: Agent): Promise<string> {
  const id = systemIdentity.newId("thread");
  await runtime.operations.store.autocommit.threads.insert(caller.scope, {
    id,
    agentId: agent.id,
    title: null,
    clientChatId: null,
  });
  return id;
}

/** Looks again and again until `look` gives something, for at most ten seconds. */
export async function eventually<Found>(
  what: string,
  look: () => Promise<Found | null | undefined | false>,
): Promise<Found> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Waited ten seconds in vain for: ${what}.`);
}
