import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { CrashingPostgres } from "../harness/postgres/crashing-postgres.ts";
import type { History } from "./history.ts";
import type { Fleet } from "./fleet.ts";
import type { RestartWatch } from "./restart-watch.ts";
import type { Blow, Crash, ScheduledBlow } from "./schedule.ts";

export interface Targets {
  readonly postgres: CrashingPostgres;
  readonly fleet: Fleet;
  readonly restarts: RestartWatch;
  readonly history: History;
}

export interface StormPlan {
  readonly lengthMs: number;
  readonly blows: readonly ScheduledBlow[];
  readonly crashes: Iterable<Crash>;
}

/** Deals the blows of a schedule and counts what was really done. */
export class Striker {
  readonly counts = { databaseCrashes: 0, terminatedBackends: 0, linkFaults: 0 };
  readonly #targets: Targets;
  readonly #admin: pg.Pool;
  readonly #healing = new Map<number, NodeJS.Timeout>();

  constructor(targets: Targets) {
    this.#targets = targets;
    this.#admin = new pg.Pool({
      connectionString: targets.postgres.connectionString,
      max: 1,
      application_name: "chaos",
    });
    this.#admin.on("error", () => undefined);
  }

  /** Resolves when the storm is over and the database is up. */
  async run(storm: StormPlan): Promise<void> {
    const beganAt = performance.now();
    const crashing = this.#crashOnAndOn(storm.crashes, beganAt + storm.lengthMs);
    for (const blow of storm.blows) {
      await delay(Math.max(0, beganAt + blow.atMs - performance.now()));
      this.#targets.history.add({ ...blow, kind: "blow", what: blow.kind });
      this.#deal(blow);
    }
    await crashing;
  }

  async close(): Promise<void> {
    for (const timer of this.#healing.values()) clearTimeout(timer);
    await this.#admin.end();
  }

  #deal(blow: Blow): void {
    const { fleet, restarts } = this.#targets;
    if ("slot" in blow && blow.slot === 0) restarts.otherTrouble();
    switch (blow.kind) {
      case "terminate_backends":
        void this.#terminate(blow.share);
        break;
      case "kill":
        fleet.kill(blow.slot);
        break;
      case "restart":
        fleet.restart(blow.slot);
        break;
      case "freeze":
        fleet.freeze(blow.slot, blow.forMs);
        break;
      case "reset_links":
        this.counts.linkFaults += 1;
        fleet.proxy(blow.slot)?.reset();
        break;
      case "lose_acknowledgements":
        fleet.proxy(blow.slot)?.loseAcknowledgements(blow.count);
        break;
      case "disturb":
        this.#disturb(blow);
        break;
    }
  }

  async #crashOnAndOn(crashes: Iterable<Crash>, untilMs: number): Promise<void> {
    const { postgres, restarts, history } = this.#targets;
    for (const { upMs, how, downMs } of crashes) {
      await delay(upMs);
      if (performance.now() > untilMs) return;
      history.add({ kind: "crash", how, downMs });
      await postgres.crash(how);
      this.counts.databaseCrashes += 1;
      await delay(downMs);
      await postgres.start();
      restarts.databaseBack();
      history.add({ kind: "database_back" });
    }
  }

  async #terminate(share: number): Promise<void> {
    const text = `
      select pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and application_name <> 'chaos' and random() < $1`;
    const ended = await this.#admin.query(text, [share]).catch(() => null);
    this.counts.terminatedBackends += ended?.rowCount ?? 0;
  }

  #disturb({ slot, fault, forMs }: Extract<Blow, { kind: "disturb" }>): void {
    this.counts.linkFaults += 1;
    const { fleet, restarts } = this.#targets;
    fleet.proxy(slot)?.set(fault);
    clearTimeout(this.#healing.get(slot));
    const heal = (): void => {
      fleet.proxy(slot)?.set({ kind: "pass" });
      if (slot === 0) restarts.otherTrouble();
    };
    this.#healing.set(slot, setTimeout(heal, forMs));
  }
}
