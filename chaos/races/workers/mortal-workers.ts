import { setTimeout as delay } from "node:timers/promises";
import { ProductChild } from "../../harness/product/product-child.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";

const pauseMs = 20;

export interface MortalWorkersOptions {
  readonly ground: RaceGround;
  readonly env: Readonly<Record<string, string>>;
  readonly count: number;
}

/** Worker processes that are started again whenever they end, and whose leases run out soon when they did. */
export class MortalWorkers {
  /** How each of them ended: a signal, or an exit code. */
  readonly deaths = new Map<string, number>();
  readonly #options: MortalWorkersOptions;
  readonly #running: Promise<void>[];
  readonly #children = new Set<ProductChild>();
  #isClosing = false;

  constructor(options: MortalWorkersOptions) {
    this.#options = options;
    this.#running = Array.from({ length: options.count }, () => this.#runOnAndOn());
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const child of this.#children) child.signal("SIGKILL");
    await Promise.all(this.#running);
  }

  async #runOnAndOn(): Promise<void> {
    let spare = this.#spawn();
    while (!this.#isClosing) {
      const child = spare;
      spare = this.#spawn();
      await this.#live(child);
    }
    await spare.end("SIGKILL");
  }

  async #live(child: ProductChild): Promise<void> {
    child.go({});
    const { code, signal } = await child.exited;
    this.#children.delete(child);
    if (this.#isClosing) return;
    const how = signal ?? `code ${code}`;
    this.deaths.set(how, (this.deaths.get(how) ?? 0) + 1);
    await this.#expire([...child.held.keys()]);
    await delay(pauseMs);
  }

  #spawn(): ProductChild {
    const child = new ProductChild({ role: "worker", env: this.#options.env, waits: true });
    this.#children.add(child);
    return child;
  }

  /** What it held is free as soon as nobody has spoken for it for the length of a lease: here, at once. */
  async #expire(segmentIds: readonly string[]): Promise<void> {
    await this.#options.ground.database.query(
      `update pgboss.job set heartbeat_on = now() - interval '1 minute'
       where id::text = any($1) and state = 'active'`,
      [segmentIds],
    );
  }
}
