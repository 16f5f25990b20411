import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../packages/platos-tasks/src/store/embedded-postgres/free-port.ts";
import { throwawayKey } from "../../harness/outside/api-caller.ts";
import { ProductChild } from "../../harness/product/product-child.ts";

/** A server process on one port that is ended and started again there, as its operator would. */
export class RestartedServer {
  readonly url: string;
  /** Processes that ended as none may, one sentence each. */
  readonly alarms: string[] = [];
  readonly counts = { kills: 0, stops: 0 };
  readonly #env: Readonly<Record<string, string>>;
  readonly #cacheDir: string;
  /** It has loaded its code and waits: starting takes longer than a reader is to be away. */
  #spare: ProductChild;
  #child: ProductChild;

  static async start(databaseUrl: string): Promise<RestartedServer> {
    const [port, cacheDir] = await Promise.all([freePort(), mkdtemp(join(tmpdir(), "platos-server-cache-"))]);
    const server = new RestartedServer({ databaseUrl, port, cacheDir });
    await server.#child.ready;
    return server;
  }

  private constructor(of: { readonly databaseUrl: string; readonly port: number; readonly cacheDir: string }) {
    this.url = `http://127.0.0.1:${of.port}`;
    this.#cacheDir = of.cacheDir;
    this.#env = {
      DATABASE_URL: of.databaseUrl,
      PORT: String(of.port),
      PLATOS_API_KEY: throwawayKey,
      PLATOS_LINK_SECRET: "a secret for the links of exercises only",
      NODE_COMPILE_CACHE: of.cacheDir,
    };
    this.#spare = this.#waiting();
    this.#child = this.#waiting();
    this.#child.go({});
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** SIGKILL ends it at once; with SIGTERM it ends its streams first. Resolves when the next one serves. */
  async restart(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const old = this.#child;
    const { code, output } = await old.end(signal);
    if (signal === "SIGKILL") this.counts.kills += 1;
    else this.counts.stops += 1;
    if (signal === "SIGTERM" && code !== 0)
      this.alarms.push(`a server that was told to stop ended with ${code}: ${output}`);
    this.#child = this.#spare;
    this.#child.go({});
    this.#spare = this.#waiting();
    await this.#child.ready;
  }

  async close(): Promise<void> {
    await Promise.all([this.#child, this.#spare].map((child) => child.end("SIGKILL")));
    await rm(this.#cacheDir, { recursive: true, force: true });
  }

  #waiting(): ProductChild {
    return new ProductChild({ role: "server", env: this.#env, waits: true });
  }
}
