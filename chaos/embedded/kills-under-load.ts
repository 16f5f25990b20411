import { setTimeout as delay } from "node:timers/promises";
import { isProcessRunning } from "../../packages/platos-tasks/src/store/embedded-postgres/postmaster-pid-file.ts";
import { until } from "../harness/until.ts";
import { Random } from "../harness/random.ts";
import { checkHome } from "./check-home.ts";
import { KeyedClients } from "./keyed-clients.ts";
import type { PlatosHome } from "./platos-home.ts";
import type { PlatosProcess } from "./platos-process.ts";
import type { Tally } from "./tally.ts";
import { unexpected } from "../harness/figures.ts";

export interface KillsUnderLoadOptions {
  readonly seed: number;
  readonly trials: number;
  readonly home: PlatosHome;
  readonly tally: Tally;
}

const kinds = ["product", "postmaster", "both"] as const;
const figures = { product: "killsOfProduct", postmaster: "killsOfPostmaster", both: "killsOfBoth" } as const;

const clients = 3;
const soon = { withinMs: 60_000, everyMs: 10 } as const;
const mostAlarms = 20;
/** How often a start is killed as well, and how far into it. */
const startKilledShare = 0.25;
const startKilledMs = 1200;

/**
 * Kills the product, its Postgres, or both, again and again while clients spawn, and starts the product again. What a
 * killed process held is taken over only when its lease has run out, so the last look is a step of its own.
 */
export class KillsUnderLoad {
  readonly #options: KillsUnderLoadOptions;
  readonly #random: Random;
  readonly #clients: KeyedClients;
  #platos: PlatosProcess;
  #played = 0;

  constructor(options: KillsUnderLoadOptions) {
    this.#options = options;
    this.#random = Random.of(options.seed, "kills");
    this.#clients = new KeyedClients(options.home.api, Random.of(options.seed, "clients"));
    this.#platos = options.home.start();
  }

  get acknowledged(): number {
    return this.#clients.acknowledged.spawns.length;
  }

  get played(): number {
    return this.#played;
  }

  async run(): Promise<void> {
    const { trials, tally } = this.#options;
    const over = new AbortController();
    await this.#platos.untilReady();
    await this.#clients.open();
    const load = this.#clients.run(clients, over.signal);
    try {
      for (let index = 0; index < trials && tally.alarms.length < mostAlarms; index += 1) {
        const kind = kinds[index % kinds.length] ?? "both";
        const alarm = (sentence: string): void => tally.alarm(`kill ${index} (${kind}): ${sentence}`);
        try {
          await this.#untilAcknowledged();
          await delay(this.#random.between(0, 400));
          tally.count(figures[kind]);
          if (kind === "postmaster") await this.#killPostmaster();
          else await this.#killProduct(kind, alarm);
        } catch (error) {
          alarm(unexpected(error));
          if (!this.#platos.isAlive) await this.#start("recovery");
        }
        this.#played += 1;
      }
      await this.#untilAcknowledged();
    } catch (error) {
      // It does not start again: nobody is there who could answer.
      this.#clients.giveUp();
      throw error;
    } finally {
      over.abort();
      await load;
    }
  }

  /** Once all is quiet: every acknowledged spawn is there and has ended once, and every invariant holds. */
  async check(): Promise<void> {
    const { home, tally } = this.#options;
    const { violations, completed } = await checkHome(home.dir, this.#clients.acknowledged);
    for (const violation of [...violations, ...home.api.alarms]) tally.alarm(violation);
    tally.count("acknowledgedSpawns", this.acknowledged);
    tally.count("completedSpawns", completed);
    const end = await this.#platos.stop();
    if (end.code !== 0) tally.alarm(`the last process did not stop in order: ${end.output}`);
  }

  /** A life without an acknowledged spawn would prove nothing. */
  async #untilAcknowledged(): Promise<void> {
    const before = this.acknowledged;
    await until("a spawn to be acknowledged (I18)", () => this.acknowledged > before, soon);
  }

  async #killProduct(kind: "product" | "both", alarm: (sentence: string) => void): Promise<void> {
    const { home, tally } = this.#options;
    const postmaster = await this.#postmaster();
    if (kind === "product") {
      await this.#platos.kill();
      if (!isProcessRunning(postmaster)) alarm("the database ended with the process that runs it");
    } else {
      // Whichever dies first: the other one may have time to notice, or none.
      const gapMs = this.#random.pick([0, 0, 30]);
      const isProductFirst = this.#random.chance(0.5);
      const product = isProductFirst ? this.#platos.kill() : null;
      if (product === null) process.kill(postmaster, "SIGKILL");
      if (gapMs > 0) await delay(gapMs);
      if (product !== null) process.kill(postmaster, "SIGKILL");
      await (product ?? this.#platos.kill());
    }
    if (this.#random.chance(startKilledShare)) await this.#killStart();
    await this.#start(kind === "product" ? "attach" : "recovery");
    if (kind === "product" && (await home.postmasterPid()) !== postmaster) {
      alarm(`the database that had survived (process ${postmaster}) was not adopted`);
    }
    if (kind === "product") tally.count("attached");
  }

  async #killStart(): Promise<void> {
    const { home, tally } = this.#options;
    const started = home.start();
    await delay(this.#random.between(0, startKilledMs));
    await started.kill();
    tally.count("startsKilled");
  }

  async #start(figure: "attach" | "recovery"): Promise<void> {
    const { home, tally } = this.#options;
    this.#platos = home.start();
    tally.took(figure, await this.#platos.untilReady());
  }

  /** The process that runs the database lives on, and brings it back by itself. */
  async #killPostmaster(): Promise<void> {
    const { home, tally } = this.#options;
    const postmaster = await this.#postmaster();
    const killedMs = performance.now();
    process.kill(postmaster, "SIGKILL");
    const isBack = async (): Promise<boolean> => {
      if (!this.#platos.isAlive) throw new Error(`the product ended: ${(await this.#platos.ended).output}`);
      const pid = await home.postmasterPid();
      if (pid === null || pid === postmaster || !isProcessRunning(pid)) return false;
      return (await home.api.call({ method: "GET", path: "/platos-tasks?limit=1" })).status === 200;
    };
    await until("the database to be started again", isBack, soon);
    tally.took("databaseBack", performance.now() - killedMs);
  }

  async #postmaster(): Promise<number> {
    const pid = await this.#options.home.postmasterPid();
    if (pid === null) throw new Error("the running database has no postmaster.pid");
    return pid;
  }
}
