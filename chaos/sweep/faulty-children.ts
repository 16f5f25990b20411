import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultyChild } from "./faulty-child.ts";

/** Processes for trials: those that survived are used again, and some are started ahead, since starting takes a while. */
export class FaultyChildren {
  readonly #spares: FaultyChild[];
  readonly #all = new Set<FaultyChild>();
  /** Where compiled modules are kept for the next process. */
  readonly #cacheDir: string;
  #isClosed = false;

  static async start(spares: number): Promise<FaultyChildren> {
    return new FaultyChildren(spares, await mkdtemp(join(tmpdir(), "platos-sweep-cache-")));
  }

  private constructor(spares: number, cacheDir: string) {
    this.#cacheDir = cacheDir;
    this.#spares = Array.from({ length: spares }, () => this.#start());
  }

  take(): FaultyChild {
    if (this.#isClosed) throw new Error("No process is started any more.");
    const spare = this.#spares.shift();
    if (spare === undefined) return this.#start();
    return spare.isAlive ? spare : this.take();
  }

  /** After a trial. A dead one is replaced. */
  giveBack(child: FaultyChild): void {
    if (this.#isClosed) return;
    if (child.isAlive) this.#spares.unshift(child);
    else this.#spares.push(this.#start());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((child) => child.end()));
    await rm(this.#cacheDir, { recursive: true, force: true });
  }

  #start(): FaultyChild {
    const child = new FaultyChild(this.#cacheDir);
    this.#all.add(child);
    return child;
  }
}
