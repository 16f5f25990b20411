import type { Agent } from "../../../packages/platos-tasks/src/core/agent.ts";
import type { BgoRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import {
  type OpenAiStub,
  startOpenAiStub,
  type StubReply,
  type StubRequest,
} from "../../../packages/platos-tasks/src/testing/openai-stub.ts";
import { createTestAgent, createTestThread } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { opened } from "../../harness/closing.ts";
import { ProductChild } from "../../harness/product/product-child.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { RaceGround } from "../../harness/race/race-ground.ts";
import { until } from "../../harness/until.ts";

/** The second and last answer for a prompt, to whoever asks for it as the `times`-th; from 1. */
export type LastAnswer = (prompt: string, times: number) => Promise<string>;

interface HeldWorkParts {
  readonly ground: RaceGround;
  readonly agent: Agent;
  readonly stub: OpenAiStub;
  readonly askedAtMs: Map<string, number[]>;
  readonly closing: AsyncDisposableStack;
}

/** BGOs that wait for their second answer, and workers in processes of their own that something befalls meanwhile. */
export class HeldWork {
  readonly alarms: string[] = [];
  readonly #parts: HeldWorkParts;

  static async open(closing: AsyncDisposableStack, answer: LastAnswer): Promise<HeldWork> {
    const ground = await RaceGround.open(closing);
    const askedAtMs = new Map<string, number[]>();
    const reply = async ({ messages, assistantTurns }: StubRequest): Promise<StubReply> => {
      if (assistantTurns === 0) return { toolCalls: [{ name: "report_progress", args: { message: "begun" } }] };
      const prompt = messages.findLast(({ role }) => role === "user")?.content ?? "";
      const asked = [...(askedAtMs.get(prompt) ?? []), performance.now()];
      askedAtMs.set(prompt, asked);
      return { text: await answer(prompt, asked.length) };
    };
    const stub = await opened(closing, () => startOpenAiStub({ reply, record: false }));
    const of = { slug: "slow", model: "openai-compatible:slow" };
    const agent = await createTestAgent(ground.runtimes[0], ground.tenant, of);
    return new HeldWork({ ground, agent, stub, askedAtMs, closing });
  }

  private constructor(parts: HeldWorkParts) {
    this.#parts = parts;
  }

  /** A worker that is at work, for so many BGOs at once. */
  async startWorker(slots: number): Promise<ProductChild> {
    const { ground, stub, closing } = this.#parts;
    const worker = new ProductChild({
      role: "worker",
      env: {
        DATABASE_URL: ground.database.connectionString,
        OPENAI_COMPATIBLE_BASE_URL: stub.baseUrl,
        PLATOS_WORKER_CONCURRENCY: String(slots),
      },
    });
    closing.defer(async () => void (await worker.end("SIGKILL")));
    await worker.ready;
    return worker;
  }

  /** One BGO for each prompt, in a thread of its own; ids by prompt. */
  async spawn(prompts: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { ground, agent } = this.#parts;
    const [runtime] = ground.runtimes;
    const spawned = prompts.map(async (prompt) => {
      const threadId = await createTestThread(runtime, ground.tenant, agent);
      return [prompt, (await spawnBgo(runtime.operations, ground.tenant, { threadId, prompt })).bgo.id] as const;
    });
    return new Map(await Promise.all(spawned));
  }

  /** Resolves once each of these was asked for so often, with the time of the last of these askings, by prompt. */
  async untilAsked(prompts: Iterable<string>, times: number): Promise<ReadonlyMap<string, number>> {
    const all = [...prompts];
    const askedAt = (prompt: string): number | undefined => this.#parts.askedAtMs.get(prompt)?.[times - 1];
    await until(`the model to be asked ${times} times about each`, () =>
      all.every((prompt) => askedAt(prompt) !== undefined),
    );
    return new Map(all.map((prompt) => [prompt, askedAt(prompt) ?? Number.NaN]));
  }

  /** Waits for the end of a BGO, which there must be once; what it is then. */
  async endOf(bgoId: string): Promise<BgoRow> {
    const { ground } = this.#parts;
    await ground.untilEnded(bgoId);
    await endedOnce(ground, bgoId, (sentence) => void this.alarms.push(sentence));
    return ground.find(bgoId);
  }

  /** Stops the workers that are left in order, and looks at every invariant. */
  async finish(workers: Iterable<ProductChild>): Promise<void> {
    await Promise.all([...workers].map((worker) => worker.end("SIGTERM")));
    this.alarms.push(...(await this.#parts.ground.violations()));
  }
}
