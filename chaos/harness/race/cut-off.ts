import { type Log, silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import type { Runtime } from "../../../packages/platos-tasks/src/runtime.ts";
import { openTestRuntime } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import {
  callServer,
  startTestServer,
  type TestAnswer,
  type TestServer,
} from "../../../packages/platos-tasks/src/testing/test-server.ts";
import { type PostgresProxy, startPostgresProxy } from "../postgres/postgres-proxy.ts";
import type { RaceGround } from "./race-ground.ts";

/** A server that reaches its database through a proxy of its own. */
export class CutOff {
  readonly proxy: PostgresProxy;
  readonly runtime: Runtime;
  /** What it has logged as unforeseen. */
  readonly errors: readonly string[];
  readonly #server: TestServer;
  readonly #key: string;

  static async open(ground: RaceGround): Promise<CutOff> {
    const proxy = await startPostgresProxy(ground.database.connectionString);
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (_message, fields) => void errors.push(String(fields?.["error"])) };
    const env = { PLATOS_ROLE: "server" };
    const runtime = await openTestRuntime({ connectionString: proxy.url, tools: [], env, log });
    return new CutOff({ proxy, runtime, errors, server: await startTestServer(runtime), key: ground.tenant.key });
  }

  private constructor(parts: {
    readonly proxy: PostgresProxy;
    readonly runtime: Runtime;
    readonly errors: readonly string[];
    readonly server: TestServer;
    readonly key: string;
  }) {
    this.proxy = parts.proxy;
    this.runtime = parts.runtime;
    this.errors = parts.errors;
    this.#server = parts.server;
    this.#key = parts.key;
  }

  /** Below `/api/v1`. */
  post(path: string, body: unknown): Promise<TestAnswer> {
    const headers = { authorization: `Bearer ${this.#key}` };
    return callServer(this.#server, { method: "POST", path: `/api/v1${path}`, body, headers });
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.runtime.stop({ graceMs: 0 });
    await this.proxy.close();
  }
}
