import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** What `npm start` runs, without npm around it: a kill must hit the product itself. */
const program = fileURLToPath(new URL("../../packages/platos-tasks/src/cli/main.ts", import.meta.url));

const keptChars = 8000;
const readyMs = 120_000;
const readyLine = /^Platos Tasks ready at (\S+)$/mu;

export interface PlatosEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly tookMs: number;
}

/** `platos dev` as an operator starts it: server, worker and embedded database, with nothing but the given environment. */
export class PlatosProcess {
  readonly ended: Promise<PlatosEnd>;
  readonly #child: ChildProcess;
  readonly #startedMs = performance.now();
  readonly #ready = Promise.withResolvers<number>();
  #output = "";
  #isAlive = true;

  constructor(env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ["--conditions=platos-source", program, "dev"], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (piece: Buffer) => {
        this.#output = (this.#output + piece.toString()).slice(-keptChars);
        if (readyLine.test(this.#output)) this.#ready.resolve(this.#sinceStartMs());
      });
    }
    this.ended = once(this.#child, "close").then(([code, signal]) => {
      this.#isAlive = false;
      const tookMs = this.#sinceStartMs();
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, output: this.#output, tookMs };
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Milliseconds from its start until it said that it is ready. Fails if it ends before, or takes two minutes. */
  async untilReady(): Promise<number> {
    const waiting = new AbortController();
    const tooLong = delay(readyMs, null, { signal: waiting.signal }).catch(() => null);
    try {
      const first = await Promise.race([this.#ready.promise, this.ended, tooLong]);
      if (typeof first === "number") return first;
      const how = first === null ? `is not ready after ${readyMs / 1000} s` : `ended with ${endOf(first)}`;
      throw new Error(`platos dev (process ${this.pid}) ${how}: ${this.#output}`);
    } finally {
      waiting.abort();
    }
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#isAlive) this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** SIGTERM, as an operator stops it; resolves when it is gone. */
  async stop(): Promise<PlatosEnd> {
    if (this.#isAlive) this.#child.kill("SIGTERM");
    return this.ended;
  }

  #sinceStartMs(): number {
    return performance.now() - this.#startedMs;
  }
}

/** How a process ended, in words. */
export function endOf({ code, signal }: PlatosEnd): string {
  return signal ?? `code ${code}`;
}
