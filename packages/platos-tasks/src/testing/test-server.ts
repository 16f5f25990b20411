import type { Caller } from "../operations/context.ts";
import { createKey } from "../operations/create-key.ts";
import type { Environment } from "../core/ports/store.ts";
import type { Runtime } from "../runtime.ts";
import { startServer } from "../server/start-server.ts";
import { createTestTenant } from "./test-runtime.ts";

export interface TestServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The real server on a loopback port, without a dashboard unless one is given. */
export async function startTestServer(
  runtime: Runtime,
  dashboardDir: string | null = null,
  webhookSecrets: ReadonlyMap<string, string> = new Map(),
): Promise<TestServer> {
  const config = { host: "127.0.0.1", port: 0, publicUrl: undefined, webhookSecrets };
  const server = await startServer({ runtime, config, dashboardDir });
  return { url: server.url, close: () => server.close() };
}

export interface TestTenant extends Caller {
  readonly environment: Environment;
  readonly key: string;
  /** Calls the server in this tenant's name; the answer's body as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Whatever came: tests say what they expect of it.
  readonly body: { readonly [key: string]: unknown };
}

export async function createTestTenantWithKey(runtime: Runtime, server: TestServer): Promise<TestTenant> {
  const tenant = await createTestTenant(runtime);
  const { orgSlug, projectSlug, envSlug } = tenant.environment;
  const request = { org: orgSlug, project: projectSlug, env: envSlug, name: "test" };
  const { key } = await createKey(runtime.operations, { actor: tenant.actor, authority: "operator" }, request);
  return {
    ...tenant,
    key,
    call: (method, path, body, headers = {}) =>
      callServer(server, { method, path, body, headers: { authorization: `Bearer ${key}`, ...headers } }),
  };
}

export async function callServer(
  server: TestServer,
  request: {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<TestAnswer> {
  const { method, path, body, headers } = request;
  const response = await fetch(server.url + path, {
    method,
    redirect: "manual",
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } };
}
