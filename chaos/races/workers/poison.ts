import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createTestAgent, createTestThread } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { type OpenAiStub, startOpenAiStub } from "../../../packages/platos-tasks/src/testing/openai-stub.ts";
import type { StubReply, StubRequest } from "../../../packages/platos-tasks/src/testing/openai-stub.ts";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../../exercise.ts";
import { failureBound } from "../../harness/figures.ts";
import { opened, temporaryFolder } from "../../harness/closing.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { watch } from "../../harness/until.ts";
import { MortalWorkers } from "./mortal-workers.ts";
import { type Poison, poisonNames, poisonToolName } from "./poisons.ts";
import { RaceGround } from "../../harness/race/race-ground.ts";

const ciTrials = 5;
const healthyCount = 40;
const healthyTurns = 4;
/** Long beside the time in which a poison kills: whoever shares its worker has got nowhere yet. */
const thinkMs = 150;
const workers = 2;
const workerHeapMb = 160;
const limitMs = 120_000;
const pollMs = 100;
const decorator = fileURLToPath(new URL("poison-tools.ts", import.meta.url));

/** F33: a BGO whose tool kills every worker that runs it is given up and says why; the healthy beside it are not. */
export const poison: Exercise = {
  summary: `one BGO that kills each of its workers, among ${healthyCount} healthy ones (poisons: ${ciTrials}, for a release 50)`,
  async run(options) {
    const { closing } = options;
    const folder = await temporaryFolder(closing, "poison");
    const ground = await RaceGround.open(closing);
    const stub = await opened(closing, () => startOpenAiStub({ reply, record: false }));
    return new PoisonRun({ ground, stub, folder }, options).report();
  },
};

/** A healthy one takes some steps; a poisoned one calls its tool, however often it is asked. */
function reply({ messages, assistantTurns }: StubRequest): StubReply {
  const prompt = messages.findLast(({ role }) => role === "user")?.content ?? "";
  const named = poisonNames.find((name) => prompt.includes(`[${name}]`));
  if (named !== undefined) return { toolCalls: [{ name: poisonToolName(named), args: {} }] };
  if (assistantTurns >= healthyTurns) return { text: "healthy", delayMs: thinkMs };
  return { toolCalls: [{ name: "report_progress", args: { message: `step ${assistantTurns}` } }], delayMs: thinkMs };
}

interface PoisonParts {
  readonly ground: RaceGround;
  readonly stub: OpenAiStub;
  readonly folder: string;
}

class PoisonRun {
  readonly #parts: PoisonParts;
  readonly #options: ExerciseOptions;
  readonly #alarms: string[] = [];
  #mostTakeovers = 0;

  constructor(parts: PoisonParts, options: ExerciseOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  async report(): Promise<ExerciseReport> {
    const { ground, stub, folder } = this.#parts;
    const trials = this.#options.trials ?? ciTrials;
    const startMs = performance.now();
    const env = {
      DATABASE_URL: ground.database.connectionString,
      OPENAI_COMPATIBLE_BASE_URL: stub.baseUrl,
      PLATOS_LINK_SECRET: "a secret for the links of exercises only",
      PLATOS_LOG_LEVEL: "silent",
      PLATOS_WORKER_CONCURRENCY: "8",
      CHAOS_DECORATOR: decorator,
      NODE_OPTIONS: `--max-old-space-size=${workerHeapMb}`,
      NODE_COMPILE_CACHE: join(folder, "compiled"),
    };
    const fleet = new MortalWorkers({ ground, env, count: workers });
    try {
      for (let trial = 0; trial < trials; trial += 1) {
        await this.#round(trial, poisonNames[(this.#options.seed + trial) % poisonNames.length] ?? "abort");
        this.#options.progress(`${trial + 1} of ${trials} poisons, ${this.#alarms.length} alarms`);
      }
    } finally {
      await fleet.close();
    }
    this.#alarms.push(...(await ground.violations()));
    const deaths = [...fleet.deaths].map(([how, times]): [string, number] => [`deathsBy ${how}`, times]);
    return {
      alarms: this.#alarms,
      figures: {
        trials,
        healthy: trials * healthyCount,
        ...Object.fromEntries(deaths),
        mostTakeoversOfAHealthyOne: this.#mostTakeovers,
        seconds: Math.round((performance.now() - startMs) / 1000),
        ...failureBound(this.#alarms, trials),
      },
    };
  }

  async #round(trial: number, name: Poison): Promise<void> {
    const { ground } = this.#parts;
    const [runtime] = ground.runtimes;
    const tools = poisonNames.map(poisonToolName);
    const slug = `drinker-${trial}`;
    const agent = await createTestAgent(runtime, ground.tenant, { slug, model: "openai-compatible:stub", tools });
    const threadId = await createTestThread(runtime, ground.tenant, agent);
    const spawn = async (prompt: string): Promise<string> =>
      (await spawnBgo(ground.operations(0), ground.tenant, { threadId, prompt })).bgo.id;
    const spawnHealthy = (count: number): Promise<readonly string[]> =>
      Promise.all(Array.from({ length: count }, (_, index) => spawn(`healthy ${trial}.${index}`)));
    const before = await spawnHealthy(healthyCount / 4);
    const poisonId = await spawn(`[${name}] ${trial}`);
    const healthy = [...before, ...(await spawnHealthy(healthyCount - before.length))];
    const late = await this.#untilEnded([poisonId, ...healthy]);
    if (late.length > 0)
      return void this.#alarms.push(`I18: after ${limitMs / 1000} s these go on: ${late.join(", ")}`);
    await this.#checkPoison(poisonId, name);
    for (const id of healthy) await this.#checkHealthy(id, name);
  }

  async #untilEnded(ids: readonly string[]): Promise<readonly string[]> {
    const text = "select id, status, crashes from platos.platos_tasks where id = any($1) and finished_at is null";
    const open = await watch(
      () => this.#parts.ground.database.query<{ id: string; status: string; crashes: number }>(text, [ids]),
      ({ length }) => length === 0,
      { withinMs: limitMs, everyMs: pollMs },
    );
    return open.map(({ id, status, crashes }) => `${id} (${status}, ${crashes} crashes)`);
  }

  async #checkPoison(bgoId: string, name: Poison): Promise<void> {
    const { ground } = this.#parts;
    const alarm = (sentence: string): void => void this.#alarms.push(`${name}: ${sentence}`);
    const status = await endedOnce(ground, bgoId, alarm);
    const { error } = await ground.find(bgoId);
    const [message] = await ground.database.query<{ text: string }>(
      "select parts::text as text from platos.messages where bgo_id = $1 and terminal",
      [bgoId],
    );
    const says = /its worker died \d+ times in a row/u.test(message?.text ?? "");
    if (status !== "failed" || error?.code !== "worker.crashed" || !says) {
      alarm(`I12: the BGO that kills its workers is ${String(status)}: ${JSON.stringify(error)}, ${message?.text}`);
    }
  }

  async #checkHealthy(bgoId: string, name: Poison): Promise<void> {
    const { ground } = this.#parts;
    const status = await endedOnce(ground, bgoId, (sentence) => void this.#alarms.push(`${name}: ${sentence}`));
    const { error } = await ground.find(bgoId);
    if (status !== "completed") {
      this.#alarms.push(`${name}: F33: a healthy BGO is ${String(status)} with the poisoned one: ${error?.message}`);
    }
    const [crashes] = await ground.database.query<{ count: number }>(
      `select count(*)::int from platos.audit_entries
       where target_id = $1 and details ->> 'reason' = 'taken over from a lost worker'`,
      [bgoId],
    );
    this.#mostTakeovers = Math.max(this.#mostTakeovers, crashes?.count ?? 0);
  }
}
