import { setTimeout as delay } from "node:timers/promises";
import { ProductChild, type ProductExit } from "../harness/product/product-child.ts";
import { type ProductMessage, unavailableAtStart } from "../harness/product/product-messages.ts";
import { type PostgresProxy, startPostgresProxy } from "../harness/postgres/postgres-proxy.ts";
import { watch } from "../harness/until.ts";
import { TakeoverWatch } from "./takeover-watch.ts";

export interface FleetOptions {
  readonly databaseUrl: string;
  readonly workers: number;
  /** Of every process; what differs between slots is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly serverEnv: Readonly<Record<string, string>>;
  readonly onServerReady: () => void;
}

interface Slot {
  readonly number: number;
  readonly proxy: PostgresProxy;
  readonly env: Readonly<Record<string, string>>;
  child: ProductChild;
  /** What we did to the process that runs there; what else ends it is a fault of the product. */
  ending: "kill" | "restart" | null;
  thaw: NodeJS.Timeout | null;
}

const restartPauseMs = 200;
const spareWorkers = 3;
const skewMs = 10 * 60_000;

/** The product's processes: a server in slot 0 and workers, each behind a proxy, started again whenever they end. */
export class Fleet {
  readonly takeovers = new TakeoverWatch();
  /** Processes that ended as none may, one sentence each. */
  readonly alarms: string[] = [];
  readonly counts = { workerKills: 0, serverKills: 0, restarts: 0, freezes: 0, startsWithoutDatabase: 0 };
  readonly #slots: Slot[];
  /** Workers that have loaded their code and wait: starting takes longer than the time between two kills. */
  readonly #spares: ProductChild[] = [];
  readonly #workerEnv: Readonly<Record<string, string>>;
  readonly #onServerReady: () => void;
  #isClosing = false;

  static async start(options: FleetOptions): Promise<Fleet> {
    const numbers = Array.from({ length: options.workers + 1 }, (_, index) => index);
    const proxies = await Promise.all(numbers.map(() => startPostgresProxy(options.databaseUrl)));
    return new Fleet(options, proxies);
  }

  private constructor(options: FleetOptions, proxies: readonly PostgresProxy[]) {
    this.#workerEnv = options.env;
    this.#onServerReady = options.onServerReady;
    this.#slots = proxies.map((proxy, number) => {
      const env = {
        ...(number === 0 ? { ...options.env, ...options.serverEnv } : {}),
        DATABASE_URL: proxy.url,
        CHAOS_CLOCK_OFFSET_MS: String(offsetOf(number)),
      };
      return { number, proxy, env, child: this.#spawn(number, env), ending: null, thaw: null };
    });
    for (const slot of this.#slots) this.#watch(slot);
  }

  proxy(number: number): PostgresProxy | undefined {
    return this.#slots[number]?.proxy;
  }

  get lostAcknowledgements(): number {
    return this.#slots.reduce((total, { proxy }) => total + proxy.lostAcknowledgements, 0);
  }

  /** Gives one sentence per process that is not ready after that time. */
  async untilReady(withinMs: number): Promise<string[]> {
    const late = await watch(
      () => this.#slots.filter(({ child }) => !child.isReady),
      ({ length }) => length === 0,
      { withinMs },
    );
    return late.map(
      ({ number, child }) => `${nameOf(number)} does not get ready (process ${child.pid}): ${child.output}`,
    );
  }

  /** SIGKILL. When nothing runs in the slot just now, the next worker that does is taken. */
  kill(number: number): void {
    const slot = this.#runningAt(number);
    if (slot === undefined) return;
    if (slot.number === 0) this.counts.serverKills += 1;
    else this.counts.workerKills += 1;
    slot.ending = "kill";
    slot.child.signal("SIGKILL");
    if (slot.number !== 0) this.takeovers.killed(slot.number);
  }

  /** SIGTERM: it gives back what it runs, ends by itself and is started again. */
  restart(number: number): void {
    const slot = this.#runningAt(number);
    if (slot === undefined) return;
    this.counts.restarts += 1;
    slot.ending = "restart";
    slot.child.signal("SIGTERM");
  }

  /** SIGSTOP, and SIGCONT after that time: a process that sleeps through the end of its leases. */
  freeze(number: number, forMs: number): void {
    const slot = this.#runningAt(number);
    if (slot === undefined) return;
    this.counts.freezes += 1;
    slot.child.signal("SIGSTOP");
    slot.thaw = setTimeout(() => this.#thaw(slot), forMs);
  }

  /** Ends every fault: links heal and who is frozen goes on. */
  calm(): void {
    for (const slot of this.#slots) {
      slot.proxy.set({ kind: "pass" });
      slot.proxy.loseAcknowledgements(0);
      this.#thaw(slot);
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const slot of this.#slots) {
      this.#thaw(slot);
    }
    const children = [...this.#slots.map(({ child }) => child), ...this.#spares];
    await Promise.all(children.map((child) => child.end("SIGKILL")));
    await Promise.all(this.#slots.map(({ proxy }) => proxy.close()));
  }

  #runningAt(number: number): Slot | undefined {
    const order =
      number === 0 ? [0] : this.#slots.map((_, index) => 1 + ((number - 1 + index) % (this.#slots.length - 1)));
    return order
      .flatMap((each) => this.#slots[each] ?? [])
      .find(({ child, ending, thaw }) => child.isReady && ending === null && thaw === null);
  }

  #spawn(number: number, env: Readonly<Record<string, string>>): ProductChild {
    const child =
      number === 0 ? new ProductChild({ role: "server", env }) : (this.#spares.shift() ?? this.#newWorker());
    child.onMessage = (message) => this.#onMessage(number, message);
    if (number === 0) return child;
    child.go(env);
    while (this.#spares.length < spareWorkers) this.#spares.push(this.#newWorker());
    return child;
  }

  #newWorker(): ProductChild {
    return new ProductChild({ role: "worker", env: this.#workerEnv, waits: true });
  }

  #onMessage(number: number, message: ProductMessage): void {
    if (message.kind === "delivery") this.takeovers.delivery(number, message);
    if (message.kind === "ready" && number === 0) this.#onServerReady();
    if (message.kind === "database_away") this.counts.startsWithoutDatabase += 1;
  }

  #watch(slot: Slot): void {
    void slot.child.exited.then(async (exit) => {
      if (this.#isClosing) return;
      this.#judge(slot, exit);
      this.takeovers.gone(slot.number);
      if (slot.thaw !== null) clearTimeout(slot.thaw);
      slot.thaw = null;
      slot.ending = null;
      if (exit.code === unavailableAtStart) await delay(restartPauseMs);
      if (this.#isClosing) return;
      slot.child = this.#spawn(slot.number, slot.env);
      this.#watch(slot);
    });
  }

  #judge(slot: Slot, exit: ProductExit): void {
    if (exit.code !== unavailableAtStart && slot.ending === null) {
      const how = exit.signal ?? `code ${exit.code}`;
      this.alarms.push(`${nameOf(slot.number)} ended by itself (${how}): ${exit.output.slice(-1500)}`);
    }
  }

  #thaw(slot: Slot): void {
    if (slot.thaw === null) return;
    clearTimeout(slot.thaw);
    slot.thaw = null;
    slot.child.signal("SIGCONT");
  }
}

/** Two of the workers live ten minutes ahead and ten minutes behind. */
function offsetOf(number: number): number {
  if (number === 1) return skewMs;
  return number === 2 ? -skewMs : 0;
}

function nameOf(number: number): string {
  return number === 0 ? "the server" : `worker ${number}`;
}
