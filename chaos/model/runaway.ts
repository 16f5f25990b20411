import { setTimeout as delay } from "node:timers/promises";
import { readConfig } from "../../packages/platos-tasks/src/config.ts";
import { type Budget, defaultMaxTurns } from "../../packages/platos-tasks/src/core/budget.ts";
import { defaultCaps } from "../../packages/platos-tasks/src/core/caps.ts";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { textOfMessage } from "../../packages/platos-tasks/src/core/message.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { openRuntime, type Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import { countingTools, type ToolRun } from "../../packages/platos-tasks/src/testing/counting-tools.ts";
import { createTestAgent } from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import type { Random } from "../harness/random.ts";
import { endedOnce } from "../harness/race/ended-once.ts";
import { stagedRaceExercise, type Trial } from "../harness/race/run-race.ts";
import { type Loop, LoopingModel, saidEachTime } from "./looping-model.ts";

/** A loop, the limit that must stop it, and what is said of it then. */
interface Case {
  readonly loop: Loop;
  readonly budget: Budget;
  /** Model calls it gets; null when only time stops it. */
  readonly calls: number | null;
  readonly why: string;
}

const plain: Loop = { callsAtOnce: 2, tokensPerCall: 100, costPerCall: 0.01, thinkMs: 1, spawns: false };
const treeTurns = 4;
const pollMs = 50;
/** From the look at the time to the call, and the way of an answer from the database, on a machine that has much to do. */
const wayMs = 300;

const cases = {
  Default: () => ({ loop: plain, budget: {}, calls: defaultMaxTurns, why: `its ${defaultMaxTurns} model calls` }),
  Turns(random) {
    const maxTurns = 1 + random.index(20);
    return { loop: plain, budget: { maxTurns }, calls: maxTurns, why: `its ${maxTurns} model calls` };
  },
  Tokens(random) {
    const maxTokens = 1 + random.index(2000);
    const calls = Math.ceil(maxTokens / plain.tokensPerCall);
    return { loop: plain, budget: { maxTokens }, calls, why: `its ${maxTokens} tokens` };
  },
  Cost(random) {
    const costPerCall = 0.25;
    const calls = 1 + random.index(20);
    // A quarter of a dollar is one in binary, too: sums are exact.
    const maxCostUsd = calls * costPerCall;
    return { loop: { ...plain, costPerCall }, budget: { maxCostUsd }, calls, why: `its budget of $${maxCostUsd}` };
  },
  UnknownPrice: () => ({
    loop: { ...plain, costPerCall: null },
    budget: { maxCostUsd: 5 },
    calls: 1,
    why: "its budget of $5 (the price of its model is not known)",
  }),
  Time: () => ({
    loop: { ...plain, thinkMs: 90 },
    budget: { maxDurationSeconds: 1 },
    calls: null,
    why: "its 1 seconds",
  }),
  Tree: () => ({
    loop: { ...plain, spawns: true, callsAtOnce: 4, thinkMs: 600 },
    budget: { maxTurns: treeTurns },
    calls: null,
    why: `its ${treeTurns} model calls`,
  }),
} as const satisfies Record<string, (random: Random) => Case>;

type CaseName = keyof typeof cases;

const caseNames = Object.keys(cases) as readonly CaseName[];

interface Stage {
  readonly model: LoopingModel;
  readonly runs: readonly ToolRun[];
  readonly runtime: Runtime;
  mostLive: number;
}

/** F34: a model that calls tools for ever, and one that spawns for ever, stop at their cap and say why. */
export const runaway = stagedRaceExercise<Stage>({
  summary: "a model that never stops, against every cap there is",
  ciTrials: 20,
  releaseTrials: 200,
  lanes: 4,
  runtimes: 1,
  mustHappen: [...caseNames.map((name) => `stoppedBy${name}`), "spawnsRefused"],
  async prepare(ground, closing) {
    const model = new LoopingModel();
    const { tools, runs } = countingTools();
    const runtime = await openRuntime({
      config: readConfig({ PLATOS_LOG_LEVEL: "silent", PLATOS_WORKER_CONCURRENCY: "200" }),
      connectionString: ground.database.connectionString,
      log: silentLog,
      model,
      tools,
    });
    closing.defer(() => runtime.stop({ graceMs: 2000 }));
    await createTestAgent(runtime, ground.tenant, { slug: "looping", tools: ["pure"] });
    await runtime.startWorker();
    return { model, runs, runtime, mostLive: 0 };
  },
  async run(trial, stage) {
    const { ground, index, random, count, alarm } = trial;
    const caseName = caseNames[index % caseNames.length] ?? "Default";
    const { loop, budget, calls, why }: Case = cases[caseName](random);
    const name = `loop ${index}`;
    const prompt = stage.model.begin(name, loop);
    const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, { agent: "looping", prompt, budget });
    const family = await allEnded(trial, { threadId: bgo.threadId, stage });
    await expectWhy(trial, { bgoId: bgo.id, caseName, why });
    const begun = stage.model.callsOf(name);
    if (calls !== null && begun.length !== calls)
      alarm(`I12: ${caseName}: ${begun.length} model calls instead of ${calls}`);
    if (caseName === "Time") expectInTime(trial, begun);
    if (caseName !== "Tree" && calls !== null) expectRuns(trial, { runs: stage.runs, bgoId: bgo.id, calls, loop });
    if (caseName === "Tree") {
      count("spawnedInTrees", family - 1);
      if (begun.length > family * treeTurns) alarm(`I12: ${family} BGOs made ${begun.length} model calls`);
    }
    count(`stoppedBy${caseName}`);
  },
  async conclude({ figure, alarm }, { model, mostLive }) {
    if (model.refusals > 0) figure("spawnsRefused", model.refusals);
    figure("mostLiveInAThread", mostLive);
    if (mostLive > defaultCaps.maxLivePerThread) alarm(`I12: ${mostLive} BGOs of one thread lived at once`);
  },
});

/** Waits until the thread is at rest; gives how many BGOs it has. */
async function allEnded(
  { ground, alarm }: Trial,
  { threadId, stage }: { readonly threadId: string; readonly stage: Stage },
): Promise<number> {
  const text = `select id, finished_at is null as lives from platos.platos_tasks where thread_id = $1`;
  for (;;) {
    const rows = await ground.database.query<{ id: string; lives: boolean }>(text, [threadId]);
    const live = rows.filter(({ lives }) => lives).length;
    stage.mostLive = Math.max(stage.mostLive, live);
    if (live > 0) {
      await delay(pollMs);
      continue;
    }
    for (const { id } of rows) await endedOnce(ground, id, alarm);
    return rows.length;
  }
}

async function expectWhy(
  { ground, alarm }: Trial,
  { bgoId, caseName, why }: { readonly bgoId: string; readonly caseName: CaseName; readonly why: string },
): Promise<void> {
  const { status, error, threadId } = await ground.find(bgoId);
  if (status !== "failed" || error?.code !== "budget.exceeded") {
    return alarm(`I12: ${caseName}: it is ${status}: ${error?.message ?? ""}`);
  }
  const page = { afterSeq: 0, limit: 1000 };
  const messages = await ground.operations(0).store.autocommit.messages.list(ground.tenant.scope, threadId, page);
  const said = messages.filter((message) => message.bgoId === bgoId).map(textOfMessage);
  if (said.length !== 1 || said[0]?.includes(why) !== true || !said[0].includes(saidEachTime)) {
    alarm(`P10.a: ${caseName} should tell of ${why} and what it had, and says ${JSON.stringify(said)}`);
  }
}

/** The clock of the limit starts before the first call: no call may begin so long after that one. */
function expectInTime({ alarm }: Trial, begunAtMs: readonly number[]): void {
  const [first = 0] = begunAtMs;
  const lastMs = (begunAtMs.at(-1) ?? 0) - first;
  if (lastMs >= 1000 + wayMs) alarm(`I12: a model call began ${Math.round(lastMs)} ms after the first, with 1 s to go`);
  if (begunAtMs.length < 3) alarm(`no race: in a second there were ${begunAtMs.length} model calls`);
}

/** Every call of the answers that there were ran, and nothing after the last. */
function expectRuns(
  { alarm }: Trial,
  of: { readonly runs: readonly ToolRun[]; readonly bgoId: string; readonly calls: number; readonly loop: Loop },
): void {
  const runs = of.runs.filter(({ bgoId }) => bgoId === of.bgoId).length;
  const expected = of.calls * of.loop.callsAtOnce;
  if (runs !== expected) alarm(`I12: its tools ran ${runs} times instead of ${expected}`);
}
