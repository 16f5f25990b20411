import { setTimeout as delay } from "node:timers/promises";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../exercise.ts";
import { checkEvidence, untilQuiet } from "../harness/evidence/check-evidence.ts";
import { type OutageScene, type Place, setUpOutages } from "./outage-scene.ts";
import { silenceWorker } from "./silent-worker.ts";
import { StubbornClients } from "./stubborn-clients.ts";
import { crowded, fullDisk, readOnly, silentServer, stopped, type Trouble, type Troubled } from "./troubles.ts";

const ciTrials = 3;
/** One trial of three stops Postgres for so long, and one has the silences; the others would only take time. */
const longStopMs = 30_000;
const shortMs = 2000;
/** Longer than a client of ours waits for an answer. */
const silenceMs = 21_000;
const pauseMs = 500;
const resumeLimitMs = 15_000;
const quietMs = 60_000;
const stopMs = 20_000;

/** F22: the database is away, crowded, read-only, full or silent, while clients go on asking. */
export const databaseLimits: Exercise = {
  summary: `Postgres stopped, crowded, read-only, on a full disk, silent (trials: ${ciTrials}, for a release 30)`,
  async run(options) {
    const scene = await setUpOutages(options.closing, { onSmallDisk: true });
    return new LimitsRun({ scene, options }).report();
  },
};

interface LimitsParts {
  readonly scene: OutageScene;
  readonly options: ExerciseOptions;
}

class LimitsRun {
  readonly #parts: LimitsParts;
  readonly #clients: StubbornClients;
  readonly #alarms: string[] = [];
  readonly #refusals = new Map<string, number>();
  #resumedMaxMs = 0;
  #longestStopMs = 0;

  constructor(parts: LimitsParts) {
    this.#parts = parts;
    this.#clients = new StubbornClients(parts.scene.api);
  }

  async report(): Promise<ExerciseReport> {
    const { scene, options } = this.#parts;
    const beganMs = performance.now();
    const trials = options.trials ?? ciTrials;
    await this.#clients.open();
    const work = this.#clients.run();
    try {
      for (let trial = 0; trial < trials; trial += 1) await this.#trial(trial);
    } finally {
      this.#clients.stop();
    }
    await work;
    const { acknowledged } = this.#clients;
    this.#alarms.push(...acknowledged.alarms, ...scene.api.alarms, ...(await untilQuiet(scene.database, quietMs)));
    this.#alarms.push(...(await checkEvidence(scene.database, { acknowledged, effects: [], modelCalls: [] })));
    await Promise.all([scene.server, ...scene.workers].map((place) => this.#stop(place)));
    return {
      alarms: this.#alarms,
      figures: {
        trials,
        spawns: acknowledged.spawns.length,
        ...Object.fromEntries(this.#refusals),
        fullDisk: scene.disk === null ? 0 : trials,
        longestStopMs: this.#longestStopMs,
        resumedMaxMs: Math.round(this.#resumedMaxMs),
        longestAnswerMs: Math.round(this.#clients.longestAnswerMs),
        seconds: Math.round((performance.now() - beganMs) / 1000),
      },
    };
  }

  async #trial(trial: number): Promise<void> {
    const { scene } = this.#parts;
    const stopForMs = trial % ciTrials === 0 ? longStopMs : shortMs;
    this.#longestStopMs = Math.max(this.#longestStopMs, stopForMs);
    await this.#meet("stopped", stopped, stopForMs);
    await this.#meet("crowded", crowded, shortMs);
    await this.#meet("readOnly", readOnly, shortMs);
    if (scene.disk !== null) await this.#meet("fullDisk", fullDisk, shortMs);
    if (trial % ciTrials !== 1) return;
    const silent = await silenceWorker(this.#troubled, trial);
    await this.#meet("silentServer", silentServer, silenceMs);
    this.#alarms.push(...(await silent.heal(scene.database)));
  }

  get #troubled(): Troubled {
    return { scene: this.#parts.scene, clients: this.#clients };
  }

  /** Lets the trouble come and go, and waits until somebody is served again. */
  async #meet(name: string, trouble: Trouble, forMs: number): Promise<void> {
    const { progress } = this.#parts.options;
    const before = this.#clients.refusals;
    await trouble(this.#troubled, forMs);
    const overAtMs = performance.now();
    const isServed = await Promise.race([
      this.#clients.nextSpawn().then(() => true),
      delay(resumeLimitMs, false, { ref: false }),
    ]);
    const resumedMs = performance.now() - overAtMs;
    this.#resumedMaxMs = Math.max(this.#resumedMaxMs, resumedMs);
    if (!isServed) this.#alarms.push(`F22: nothing could be spawned ${resumeLimitMs} ms after Postgres was ${name}`);
    const figure = `refused.${name}`;
    const refused = this.#clients.refusals - before;
    if (refused === 0) this.#alarms.push(`no trouble: while Postgres was ${name} nobody was refused`);
    this.#refusals.set(figure, (this.#refusals.get(figure) ?? 0) + refused);
    progress(`${name}: ${refused} times refused, served again after ${Math.round(resumedMs)} ms`);
    for (const place of [this.#parts.scene.server, ...this.#parts.scene.workers]) this.#expectAlive(place, name);
    await delay(pauseMs);
  }

  #expectAlive({ name, child }: Place, trouble: string): void {
    if (child.isAlive) return;
    this.#alarms.push(`${name} ended by itself while Postgres was ${trouble}: ${child.output.slice(-1500)}`);
  }

  async #stop({ name, child }: Place): Promise<void> {
    child.signal("SIGTERM");
    const exit = await Promise.race([child.exited, delay(stopMs, null, { ref: false })]);
    if (exit === null) this.#alarms.push(`${name} does not stop`);
    else if (exit.code !== 0) this.#alarms.push(`${name} stopped with ${exit.signal ?? exit.code}: ${exit.output}`);
  }
}
