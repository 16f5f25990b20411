import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../../../benchmarks/harness/statistics.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createGate, type Gate } from "../../../packages/platos-tasks/src/testing/gate.ts";
import {
  startOpenAiStub,
  type StubReply,
  type StubRequest,
} from "../../../packages/platos-tasks/src/testing/openai-stub.ts";
import { createTestAgent, createTestThread } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import type { Agent } from "../../../packages/platos-tasks/src/core/agent.ts";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../../exercise.ts";
import { ProductChild } from "../../harness/product/product-child.ts";
import { Random } from "../../harness/random.ts";
import { opened } from "../../harness/closing.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { RaceGround } from "../../harness/race/race-ground.ts";
import { until } from "./until.ts";

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
    const { closing } = options;
    const ground = await RaceGround.open(closing);
    const model = new WaitingModel();
    const reply = (request: StubRequest): Promise<StubReply> => model.reply(request);
    const stub = await opened(closing, () => startOpenAiStub({ reply, record: false }));
    const run = new KilledRun({ ground, model, modelUrl: stub.baseUrl, options });
    closing.defer(() => run.killAll());
    return run.report();
  },
};

/** Answers nothing but the first call of a BGO until its gate opens, and notes when it was asked. */
class WaitingModel {
  readonly askedAtMs = new Map<string, number[]>();
  answers: Gate = createGate();

  async reply({ messages, assistantTurns }: StubRequest): Promise<StubReply> {
    if (assistantTurns === 0) return { toolCalls: [{ name: "report_progress", args: { message: "begun" } }] };
    const prompt = messages.findLast(({ role }) => role === "user")?.content ?? "";
    this.askedAtMs.set(prompt, [...(this.askedAtMs.get(prompt) ?? []), performance.now()]);
    await this.answers.opened;
    return { text: "done" };
  }
}

interface KilledParts {
  readonly ground: RaceGround;
  readonly model: WaitingModel;
  readonly modelUrl: string;
  readonly options: ExerciseOptions;
}

interface Working {
  readonly child: ProductChild;
  readonly owners: Set<string>;
}

class KilledRun {
  readonly #parts: KilledParts;
  readonly #working = new Set<Working>();
  readonly #alarms: string[] = [];
  readonly #tookMs: number[] = [];
  #kills = 0;

  constructor(parts: KilledParts) {
    this.#parts = parts;
  }

  async report(): Promise<ExerciseReport> {
    const { ground, options } = this.#parts;
    const trials = options.trials ?? ciTrials;
    const [runtime] = ground.runtimes;
    const agent = await createTestAgent(runtime, ground.tenant, { slug: "slow", model: "openai-compatible:slow" });
    for (let round = 0; this.#tookMs.length < trials; round += 1) {
      await this.#round(agent, round);
      options.progress(`${this.#kills} kills, ${this.#tookMs.length} of ${trials} BGOs taken over`);
    }
    await this.#stopAll();
    this.#alarms.push(...(await ground.violations()));
    return {
      alarms: this.#alarms,
      figures: {
        trials: this.#tookMs.length,
        workerKills: this.#kills,
        takeoverP50Ms: Math.round(percentile(this.#tookMs, 0.5)),
        takeoverP95Ms: Math.round(percentile(this.#tookMs, 0.95)),
        takeoverMaxMs: Math.round(Math.max(...this.#tookMs)),
        ...(this.#alarms.length === 0 ? { failureRateBelow95Percent: 3 / this.#tookMs.length } : {}),
      },
    };
  }

  killAll(): void {
    for (const { child } of this.#working) child.signal("SIGKILL");
  }

  async #round(agent: Agent, round: number): Promise<void> {
    const { model, options } = this.#parts;
    model.answers = createGate();
    await Promise.all(Array.from({ length: workers - this.#working.size }, () => this.#startWorker()));
    const prompts = await this.#spawnAll(agent, round);
    await until("every BGO to be at its model", () => [...prompts.keys()].every((prompt) => this.#asks(prompt) === 1));
    const killedAtMs = await this.#killHalf(Random.of(options.seed, "killed worker", round), prompts);
    await until("the lost ones to be taken over", () =>
      [...killedAtMs.keys()].every((prompt) => this.#asks(prompt) >= 2),
    );
    for (const [prompt, atMs] of killedAtMs) {
      const again = model.askedAtMs.get(prompt)?.[1] ?? Number.NaN;
      this.#tookMs.push(again - atMs);
    }
    model.answers.open();
    for (const [prompt, bgoId] of prompts) await this.#expectEnd(bgoId, killedAtMs.has(prompt) ? 2 : 1);
  }

  #asks(prompt: string): number {
    return this.#parts.model.askedAtMs.get(prompt)?.length ?? 0;
  }

  /** Half of those who have something to lose. Gives when each BGO lost its worker, by prompt. */
  async #killHalf(random: Random, prompts: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, number>> {
    const busy = [...this.#working].filter(({ owners }) => owners.size > 0);
    const victims = busy.slice(0, Math.ceil(busy.length / 2));
    const killedAtMs = new Map<string, number>();
    await Promise.all(
      victims.map(async (victim) => {
        await delay(random.between(0, killWithinMs));
        victim.child.signal("SIGKILL");
        this.#kills += 1;
        const atMs = performance.now();
        for (const [prompt, bgoId] of prompts) if (victim.owners.has(bgoId)) killedAtMs.set(prompt, atMs);
        this.#working.delete(victim);
      }),
    );
    return killedAtMs;
  }

  async #expectEnd(bgoId: string, epoch: number): Promise<void> {
    const { ground } = this.#parts;
    const alarm = (sentence: string): void => void this.#alarms.push(sentence);
    await ground.untilEnded(bgoId);
    const status = await endedOnce(ground, bgoId, alarm);
    const row = await ground.find(bgoId);
    if (status !== "completed" || row.epoch !== epoch) {
      alarm(`I18: ${bgoId} should have completed under epoch ${epoch}, and is ${row.status} under ${row.epoch}`);
    }
  }

  async #startWorker(): Promise<void> {
    const { ground, modelUrl } = this.#parts;
    const child = new ProductChild({
      role: "worker",
      env: {
        DATABASE_URL: ground.database.connectionString,
        OPENAI_COMPATIBLE_BASE_URL: modelUrl,
        PLATOS_LOG_LEVEL: "error",
        PLATOS_WORKER_CONCURRENCY: String(slots),
      },
    });
    const working = { child, owners: new Set<string>() };
    child.onMessage = (message) => {
      if (message.kind !== "delivery") return;
      if (message.phase === "begun") working.owners.add(message.ownerId);
      else working.owners.delete(message.ownerId);
    };
    this.#working.add(working);
    await child.ready;
  }

  async #stopAll(): Promise<void> {
    for (const { child } of this.#working) child.signal("SIGTERM");
    await Promise.all([...this.#working].map(({ child }) => child.exited));
  }

  /** Ids by prompt. */
  async #spawnAll(agent: Agent, round: number): Promise<ReadonlyMap<string, string>> {
    const { ground } = this.#parts;
    const [runtime] = ground.runtimes;
    const spawned = Array.from({ length: bgosPerRound }, async (_, index) => {
      const prompt = `round ${round}, trial ${index}`;
      const threadId = await createTestThread(runtime, ground.tenant, agent);
      return [prompt, (await spawnBgo(runtime.operations, ground.tenant, { threadId, prompt })).bgo.id] as const;
    });
    return new Map(await Promise.all(spawned));
  }
}
