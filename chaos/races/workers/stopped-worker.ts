import { setTimeout as delay } from "node:timers/promises";
import { createTestAgent, createTestThread } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { type OpenAiStub, startOpenAiStub } from "../../../packages/platos-tasks/src/testing/openai-stub.ts";
import type { StubReply, StubRequest } from "../../../packages/platos-tasks/src/testing/openai-stub.ts";
import { createGate, type Gate } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../../exercise.ts";
import { ProductChild } from "../../harness/product/product-child.ts";
import { Random } from "../../harness/random.ts";
import { opened } from "../../harness/closing.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { RaceGround } from "../../harness/race/race-ground.ts";
import { until } from "./until.ts";

const ciTrials = 10;
/** Twice the lease of a segment: nobody can take this for a short pause. */
const leastStopMs = 20_000;
const longestLateMs = 2000;

/** A worker is stopped by SIGSTOP in the middle of its model calls and goes on after another one has taken over. */
export const stoppedWorker: Exercise = {
  summary: `a worker stopped by SIGSTOP for twice its lease (BGOs: ${ciTrials})`,
  async run(options) {
    const { closing } = options;
    const ground = await RaceGround.open(closing);
    const model = new StoppedModel();
    const reply = (request: StubRequest): Promise<StubReply> => model.reply(request);
    const stub = await opened(closing, () => startOpenAiStub({ reply, record: false }));
    return new StoppedRun({ ground, model, stub, options }).report();
  },
};

/** The first to ask for a second answer is the worker that will be stopped; the next one is its heir. */
class StoppedModel {
  readonly zombieAnswers = createGate();
  readonly heirAnswers = new Map<string, Gate>();
  readonly #asked = new Map<string, number>();
  zombies = 0;

  expect(prompt: string): void {
    this.heirAnswers.set(prompt, createGate());
  }

  get heirs(): number {
    return [...this.#asked.values()].filter((times) => times > 1).length;
  }

  async reply({ messages, assistantTurns }: StubRequest): Promise<StubReply> {
    if (assistantTurns === 0) return { toolCalls: [{ name: "report_progress", args: { message: "begun" } }] };
    const prompt = messages.findLast(({ role }) => role === "user")?.content ?? "";
    const times = (this.#asked.get(prompt) ?? 0) + 1;
    this.#asked.set(prompt, times);
    if (times > 1) {
      await this.heirAnswers.get(prompt)?.opened;
      return { text: "the heir's" };
    }
    this.zombies += 1;
    await this.zombieAnswers.opened;
    return { text: "the zombie's" };
  }
}

interface StoppedParts {
  readonly ground: RaceGround;
  readonly model: StoppedModel;
  readonly stub: OpenAiStub;
  readonly options: ExerciseOptions;
}

class StoppedRun {
  readonly #parts: StoppedParts;
  readonly #trials: number;
  readonly #alarms: string[] = [];

  constructor(parts: StoppedParts) {
    this.#parts = parts;
    this.#trials = parts.options.trials ?? ciTrials;
  }

  async report(): Promise<ExerciseReport> {
    const { ground, model, options } = this.#parts;
    const first = await this.#startWorker();
    const bgoIds = await this.#spawnAll();
    await until("the worker to be at every BGO", () => model.zombies === this.#trials);
    first.signal("SIGSTOP");
    const stoppedAtMs = performance.now();
    // Its answers come in while it cannot read them.
    model.zombieAnswers.open();
    const second = await this.#startWorker();
    try {
      await until("another worker to take over", () => model.heirs === this.#trials);
      const takeoverMs = performance.now() - stoppedAtMs;
      options.progress(`taken over after ${Math.round(takeoverMs)} ms`);
      await delay(Math.max(0, leastStopMs - takeoverMs));
      await this.#comeBack(first);
      for (const id of bgoIds) await this.#expectHeir(id);
      await Promise.all([stop(first), stop(second)]);
      this.#alarms.push(...(await ground.violations()));
      return {
        alarms: this.#alarms,
        figures: {
          trials: this.#trials,
          stoppedMs: Math.round(Math.max(leastStopMs, takeoverMs)),
          lastTakeoverMs: Math.round(takeoverMs),
          ...(this.#alarms.length === 0 ? { failureRateBelow95Percent: 3 / this.#trials } : {}),
        },
      };
    } finally {
      for (const worker of [first, second]) worker.signal("SIGKILL");
    }
  }

  async #startWorker(): Promise<ProductChild> {
    const { ground, stub } = this.#parts;
    const worker = new ProductChild({
      role: "worker",
      env: {
        DATABASE_URL: ground.database.connectionString,
        OPENAI_COMPATIBLE_BASE_URL: stub.baseUrl,
        PLATOS_LOG_LEVEL: "error",
        PLATOS_WORKER_CONCURRENCY: String(this.#trials),
      },
    });
    await worker.ready;
    return worker;
  }

  async #spawnAll(): Promise<readonly string[]> {
    const { ground, model } = this.#parts;
    const [runtime] = ground.runtimes;
    const agent = await createTestAgent(runtime, ground.tenant, { slug: "slow", model: "openai-compatible:slow" });
    return Promise.all(
      Array.from({ length: this.#trials }, async (_, index) => {
        const threadId = await createTestThread(runtime, ground.tenant, agent);
        const prompt = `trial ${index}`;
        model.expect(prompt);
        return (await spawnBgo(runtime.operations, ground.tenant, { threadId, prompt })).bgo.id;
      }),
    );
  }

  /** Some heirs have ended when the stopped worker goes on, some end with it, some later. */
  async #comeBack(first: ProductChild): Promise<void> {
    const { model, options } = this.#parts;
    const random = Random.of(options.seed, "stopped worker");
    const heirs = [...model.heirAnswers.values()].map((gate) => ({
      gate,
      lateMs: random.between(-longestLateMs, longestLateMs),
    }));
    await Promise.all([
      ...heirs.map(({ gate, lateMs }) => delay(longestLateMs + lateMs).then(() => gate.open())),
      delay(longestLateMs).then(() => first.signal("SIGCONT")),
    ]);
  }

  async #expectHeir(bgoId: string): Promise<void> {
    const { ground } = this.#parts;
    const alarm = (sentence: string): void => void this.#alarms.push(sentence);
    await ground.untilEnded(bgoId);
    const status = await endedOnce(ground, bgoId, alarm);
    const { output, epoch } = await ground.find(bgoId);
    if (status !== "completed" || output !== "the heir's" || epoch !== 2) {
      alarm(`${bgoId} has ended as ${String(status)} under epoch ${epoch}: ${JSON.stringify(output)}`);
    }
  }
}

async function stop(worker: ProductChild): Promise<void> {
  worker.signal("SIGTERM");
  await worker.exited;
}
