import { setTimeout as delay } from "node:timers/promises";
import { createGate, type Gate } from "../../../packages/platos-tasks/src/testing/gate.ts";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../../exercise.ts";
import { durations, failureBound } from "../../harness/figures.ts";
import type { ProductChild } from "../../harness/product/product-child.ts";
import { Random } from "../../harness/random.ts";
import { HeldWork } from "./held-work.ts";

const ciTrials = 20;
const bgosPerRound = 20;
const workers = 8;
const slots = 5;
/** Kills fall anywhere between two heartbeats. */
const killWithinMs = 5000;

/** Workers are killed by SIGKILL amid the model calls of their BGOs: how long until somebody else asks the model again? */
export const killedWorker: Exercise = {
  summary: `workers killed by SIGKILL amid their model calls (BGOs that lose theirs: ${ciTrials})`,
  async run(options) {
    const answers: Answers = { gate: createGate() };
    const work = await HeldWork.open(options.closing, async () => {
      await answers.gate.opened;
      return "done";
    });
    return new KilledRun({ work, answers, options }).report();
  },
};

/** Nobody is answered until the gate of the round opens. */
interface Answers {
  gate: Gate;
}

interface KilledParts {
  readonly work: HeldWork;
  readonly answers: Answers;
  readonly options: ExerciseOptions;
}

class KilledRun {
  readonly #parts: KilledParts;
  readonly #working = new Set<ProductChild>();
  readonly #tookMs: number[] = [];
  #kills = 0;

  constructor(parts: KilledParts) {
    this.#parts = parts;
  }

  async report(): Promise<ExerciseReport> {
    const { work, options } = this.#parts;
    const trials = options.trials ?? ciTrials;
    for (let round = 0; this.#tookMs.length < trials; round += 1) {
      await this.#round(round);
      options.progress(`${this.#kills} kills, ${this.#tookMs.length} of ${trials} BGOs taken over`);
    }
    await work.finish(this.#working);
    return {
      alarms: work.alarms,
      figures: {
        trials: this.#tookMs.length,
        workerKills: this.#kills,
        ...durations("takeover", this.#tookMs),
        ...failureBound(work.alarms, this.#tookMs.length),
      },
    };
  }

  async #round(round: number): Promise<void> {
    const { work, answers, options } = this.#parts;
    answers.gate = createGate();
    const missing = Array.from({ length: workers - this.#working.size }, () => work.startWorker(slots));
    for (const worker of await Promise.all(missing)) this.#working.add(worker);
    const prompts = Array.from({ length: bgosPerRound }, (_, index) => `round ${round}, trial ${index}`);
    const bgos = await work.spawn(prompts);
    await work.untilAsked(prompts, 1);
    const killedAtMs = await this.#killHalf(Random.of(options.seed, "killed worker", round), bgos);
    const againAtMs = await work.untilAsked(killedAtMs.keys(), 2);
    for (const [prompt, atMs] of againAtMs) this.#tookMs.push(atMs - (killedAtMs.get(prompt) ?? Number.NaN));
    answers.gate.open();
    for (const [prompt, bgoId] of bgos) await this.#expectEnd(bgoId, killedAtMs.has(prompt) ? 2 : 1);
  }

  /** Half of those who have something to lose. Gives when each BGO lost its worker, by prompt. */
  async #killHalf(random: Random, bgos: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, number>> {
    const busy = [...this.#working].filter(({ held }) => held.size > 0);
    const victims = busy.slice(0, Math.ceil(busy.length / 2));
    const killedAtMs = new Map<string, number>();
    await Promise.all(
      victims.map(async (victim) => {
        await delay(random.between(0, killWithinMs));
        victim.signal("SIGKILL");
        this.#kills += 1;
        const atMs = performance.now();
        const lost = new Set(victim.held.values());
        for (const [prompt, bgoId] of bgos) if (lost.has(bgoId)) killedAtMs.set(prompt, atMs);
        this.#working.delete(victim);
      }),
    );
    return killedAtMs;
  }

  async #expectEnd(bgoId: string, promised: number): Promise<void> {
    const { work } = this.#parts;
    const { status, epoch } = await work.endOf(bgoId);
    if (status === "completed" && epoch === promised) return;
    work.alarms.push(`I18: ${bgoId} should have completed under epoch ${promised}, and is ${status} under ${epoch}`);
  }
}
