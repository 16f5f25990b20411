import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultyChild } from "./faulty-child.ts";

/** Processes for trials: those that survived are used again, and some are started ahead, since starting takes a while. */
export class FaultyChildren {
  readonly #spares: FaultyChild[];
  readonly #all = new Set<FaultyChild>();
  readonly #cacheDir = mkdtempSync(join(tmpdir(), "platos-sweep-cache-"));
  #isClosed = false;

  constructor(spares: number) {
    this.#spares = Array.from({ length: spares }, () => this.#start());
  }

  take(): FaultyChild {
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
    rmSync(this.#cacheDir, { recursive: true, force: true });
  }

  #start(): FaultyChild {
    const child = new FaultyChild(this.#cacheDir);
    this.#all.add(child);
    return child;
  }
}
