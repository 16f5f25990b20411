import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import { firstCallAt } from "../harness/start-model-stub.ts";
import {
  idleMs,
  markedPrompt,
  modelFor,
  type StartReport,
  systemPrompt,
  type Work,
  type WorkReport,
} from "../harness/work.ts";
import { type Contender, type ContenderSettings, inParallel, withCpu } from "./contender.ts";
import { openPlatosRuntime } from "./open-platos-runtime.ts";
import { benchAgent, benchCaller, benchThread } from "./platos-tenant.ts";

/** Few: the lock of a thread is for another measurement. */
const runsPerThread = 2;
const lookEveryMs = 50;
const spawnersAtMost = 20;

/** The product: `all` spawns and works in one process, `server` spawns only and needs a worker beside it. */
export async function openPlatos(settings: ContenderSettings, role: "all" | "server"): Promise<Contender> {
  const runtime = await openPlatosRuntime(settings, role);
  const caller = await benchCaller(runtime);
  if (role === "all") await runtime.startWorker();
  const looker = new pg.Client({ connectionString: settings.connectionString });
  await looker.connect();
  return new Platos({ runtime, caller, looker, modelUrl: settings.modelUrl });
}

/** Works and does nothing else; what is spawned elsewhere on the same database comes to it. */
export async function openPlatosWorker(settings: ContenderSettings): Promise<Contender> {
  const runtime = await openPlatosRuntime(settings, "worker");
  await runtime.startWorker();
  return {
    run: () => Promise.reject(new Error("A worker spawns nothing.")),
    measureStarts: () => Promise.reject(new Error("A worker spawns nothing.")),
    close: () => runtime.stop({ graceMs: 1000 }),
  };
}

interface PlatosOptions {
  readonly runtime: Runtime;
  readonly caller: Caller;
  readonly looker: pg.Client;
  readonly modelUrl: string;
}

class Platos implements Contender {
  readonly #options: PlatosOptions;
  #marks = 0;

  constructor(options: PlatosOptions) {
    this.#options = options;
  }

  async run(work: Work): Promise<WorkReport> {
    const agentId = await this.#agentFor(work);
    const threads = await this.#threads(agentId, Math.ceil(work.runs / runsPerThread));
    const ids: string[] = [];
    const spawn = async (index: number): Promise<void> => {
      ids.push(await this.#spawn(threads[index % threads.length] ?? "", "none"));
      // One at a time means that the next begins when this one has ended.
      if (work.concurrency === 1) await this.#finished(ids.slice(-1), 5);
    };
    const { cpuMs } = await withCpu(async () => {
      await inParallel(work.runs, Math.min(work.concurrency, spawnersAtMost), spawn);
      await this.#finished(ids, lookEveryMs);
    });
    return { cpuMs, ...(await this.#timesOf(ids)) };
  }

  async measureStarts(count: number): Promise<readonly StartReport[]> {
    const agentId = await this.#agentFor({ turns: 1, modelDelayMs: 0, answerBytes: 40 });
    const threads = await this.#threads(agentId, Math.ceil(count / runsPerThread));
    const reports: StartReport[] = [];
    for (let index = 0; index < count; index += 1) {
      reports.push(await this.#measureStart(threads[index % threads.length] ?? ""));
    }
    return reports;
  }

  async close(): Promise<void> {
    await this.#options.looker.end();
    await this.#options.runtime.stop({ graceMs: 1000 });
  }

  async #measureStart(threadId: string): Promise<StartReport> {
    const mark = `platos${process.pid}x${(this.#marks += 1)}`;
    const beganMs = performance.now();
    const id = await this.#spawn(threadId, mark);
    const committedAt = process.hrtime.bigint();
    const ackMs = performance.now() - beganMs;
    const firstAt = await firstCallAt(this.#options.modelUrl, mark);
    await this.#finished([id], 10);
    await delay(idleMs);
    return { ackMs, firstCallMs: Number(firstAt - committedAt) / 1e6 };
  }

  async #spawn(threadId: string, mark: string): Promise<string> {
    const { runtime, caller } = this.#options;
    const { bgo } = await spawnBgo(runtime.operations, caller, { threadId, prompt: markedPrompt(mark) });
    return bgo.id;
  }

  #agentFor(work: Pick<Work, "turns" | "modelDelayMs" | "answerBytes">): Promise<string> {
    const { runtime, caller } = this.#options;
    return benchAgent(runtime, caller, { model: `openai-compatible:${modelFor(work)}`, systemPrompt });
  }

  async #threads(agentId: string, count: number): Promise<string[]> {
    const { runtime, caller } = this.#options;
    return Promise.all(Array.from({ length: count }, () => benchThread(runtime, caller, agentId)));
  }

  async #finished(ids: readonly string[], everyMs: number): Promise<void> {
    for (;;) {
      // The youngest first: mostly that one is open, and nothing more is read.
      const { rows } = await this.#options.looker.query({
        name: "open",
        text: "select 1 from platos.platos_tasks where id = any($1) and finished_at is null order by id desc limit 1",
        values: [ids],
      });
      if (rows.length === 0) return;
      await delay(everyMs);
    }
  }

  /** By the database's clock, from the moments that the product itself records. */
  async #timesOf(ids: readonly string[]): Promise<Pick<WorkReport, "elapsedMs" | "stepsMs">> {
    const { rows } = await this.#options.looker.query<{ created: Date; started: Date; finished: Date; status: string }>(
      "select created_at as created, started_at as started, finished_at as finished, status from platos.platos_tasks where id = any($1)",
      [ids],
    );
    const bad = rows.find((row) => row.status !== "completed");
    if (bad !== undefined) throw new Error(`A BGO ended as ${bad.status}.`);
    const first = Math.min(...rows.map((row) => row.created.getTime()));
    const last = Math.max(...rows.map((row) => row.finished.getTime()));
    return { elapsedMs: last - first, stepsMs: rows.map((row) => row.finished.getTime() - row.started.getTime()) };
  }
}
