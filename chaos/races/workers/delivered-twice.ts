import type { Agent } from "../../../packages/platos-tasks/src/core/agent.ts";
import { readConfig } from "../../../packages/platos-tasks/src/config.ts";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import type { BgoRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import type { Tool } from "../../../packages/platos-tasks/src/core/tool.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { openRuntime, type Runtime } from "../../../packages/platos-tasks/src/runtime.ts";
import { createTestAgent, eventually } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { type EffectSink, effectViolations, startEffectSink } from "../../harness/outside/effect-sink.ts";
import { opened } from "../../harness/closing.ts";
import { createSinkTools, sinkToolNames } from "../../harness/outside/sink-tools.ts";
import { effectAnswers, EffectsModel } from "./effects-model.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { pause } from "../../harness/race/pause.ts";
import { runSegment } from "../../harness/race/played-worker.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";
import { stagedRaceExercise, type Trial } from "../../harness/race/run-race.ts";

const lanes = 16;
const workers = 2;
const copies = 3;
const maxJitterMs = 8;

interface Stage {
  readonly sink: EffectSink;
  readonly tools: readonly Tool[];
  readonly model: EffectsModel;
  readonly agent: Agent;
  readonly runtimes: readonly Runtime[];
}

interface Delivery {
  readonly trial: Trial;
  readonly stage: Stage;
  readonly bgo: BgoRow;
  readonly tag: string;
}

/** How one segment comes to be delivered more than once. */
const ways = {
  jobInsertedTwice: insertAgain,
  jobDeliveredAgain: deliverAgain,
  handlerRunsTwice: handAlso,
  handlersStartTogether: handAtOnce,
} as const satisfies Record<string, (delivery: Delivery) => Promise<void>>;

const names = Object.keys(ways) as [keyof typeof ways, ...(keyof typeof ways)[]];

/** F20: whoever is delivered a segment believes that it is theirs alone; the rows know better. */
export const deliveredTwice = stagedRaceExercise<Stage>({
  summary: "one segment whose job is inserted twice, delivered again, or handled by two workers at once",
  ciTrials: 200,
  releaseTrials: 2000,
  lanes,
  runtimes: 2,
  mustHappen: [...names, "takeovers"],
  prepare,
  async run(trial, stage) {
    const { ground, index, count } = trial;
    const name = names[index % names.length] ?? names[0];
    const tag = `trial ${index};`;
    stage.model.expect(tag);
    const request = { agent: stage.agent.slug, prompt: tag };
    const { bgo } = await spawnBgo(ground.operations(index), ground.tenant, request);
    await ways[name]({ trial, stage, bgo, tag });
    await ground.untilEnded(bgo.id);
    await checkOnce({ trial, stage, bgo, tag });
    count(name);
  },
});

async function prepare(ground: RaceGround, closing: AsyncDisposableStack): Promise<Stage> {
  const sink = await opened(closing, startEffectSink);
  const tools = createSinkTools(sink.url);
  const model = new EffectsModel();
  const config = readConfig({ PLATOS_LOG_LEVEL: "silent", PLATOS_WORKER_CONCURRENCY: String(lanes) });
  const { connectionString } = ground.database;
  const runtimes = await Promise.all(
    Array.from({ length: workers }, () => openRuntime({ config, connectionString, log: silentLog, model, tools })),
  );
  closing.defer(async () => void (await Promise.all(runtimes.map((runtime) => runtime.stop({ graceMs: 2000 })))));
  const [first] = runtimes;
  if (first === undefined) throw new Error("There are no workers.");
  const agent = await createTestAgent(first, ground.tenant, { slug: "doer", tools: Object.values(sinkToolNames) });
  for (const runtime of runtimes) await runtime.startWorker();
  return { sink, tools, model, agent, runtimes };
}

/** The job is there, and is put there again and again: before it is fetched, while it runs, when it is done. */
async function insertAgain({ trial, stage, bgo, tag }: Delivery): Promise<void> {
  const { ground, random, count, alarm } = trial;
  const segment = { id: bgo.engineRunId ?? "", ownerId: bgo.id, ownerKind: "bgo" } as const;
  const insert = async (copy: number): Promise<void> => {
    const { engine, store } = ground.operations(copy);
    await pause(random.unit() * maxJitterMs);
    await engine.enqueue(store.autocommit, segment).catch(() => count("insertsRefused"));
    engine.wake("bgo");
  };
  await Promise.all(Array.from({ length: copies }, (_, copy) => insert(copy)));
  await stage.model.reached(tag);
  await insert(0);
  stage.model.release(tag);
  const jobs = await ground.database.query("select id from pgboss.job where data ->> 'ownerId' = $1", [bgo.id]);
  if (jobs.length !== 1) alarm(`I5: ${bgo.id} has ${jobs.length} jobs`);
}

/** In the middle of its work the queue gives the very job to somebody else as well. */
async function deliverAgain({ trial, stage, bgo, tag }: Delivery): Promise<void> {
  const { ground, random } = trial;
  await stage.model.reached(tag);
  await ground.database.query(
    "update pgboss.job set state = 'retry', start_after = now() where data ->> 'ownerId' = $1 and state = 'active'",
    [bgo.id],
  );
  ground.operations(0).engine.wake("bgo");
  await eventually(`${bgo.id} to be taken over`, async () => (await ground.find(bgo.id)).epoch > 1);
  await pause(random.unit() * maxJitterMs);
  stage.model.release(tag);
}

/** A worker is in the middle of it, and another one's handler is called with the same segment. */
async function handAlso({ trial, stage, bgo, tag }: Delivery): Promise<void> {
  const { model, tools } = stage;
  await model.reached(tag);
  const second = runSegment(trial, { bgo, model, tools, runtime: 1 });
  await pause(trial.random.unit() * maxJitterMs);
  model.release(tag);
  await second;
}

/** Two handlers more begin when the worker does. */
async function handAtOnce({ trial, stage, bgo, tag }: Delivery): Promise<void> {
  const { model, tools } = stage;
  model.release(tag);
  const hand = async (runtime: number): Promise<void> => {
    await pause(trial.random.unit() * maxJitterMs);
    await runSegment(trial, { bgo, model, tools, runtime });
  };
  await Promise.all([hand(0), hand(1)]);
}

async function checkOnce({ trial, stage, bgo, tag }: Delivery): Promise<void> {
  const { ground, alarm, count } = trial;
  const status = await endedOnce(ground, bgo.id, alarm);
  const { output, epoch } = await ground.find(bgo.id);
  if (status !== "completed" || output !== "all done")
    alarm(`I2: ${bgo.id} is ${String(status)}: ${JSON.stringify(output)}`);
  const steps = await ground.database.query<{ kind: string; count: number }>(
    "select kind, count(*)::int from platos.steps where owner_id = $1 group by kind",
    [bgo.id],
  );
  const recorded = (kind: string): number => steps.find((step) => step.kind === kind)?.count ?? 0;
  const { model, results } = effectAnswers;
  if (recorded("model") !== model || recorded("tool_result") !== results) {
    alarm(
      `I7: ${bgo.id} has ${recorded("model")} answers and ${recorded("tool_result")} results, not ${model} and ${results}`,
    );
  }
  const effects = stage.sink.effects.filter((effect) => effect.bgoId === bgo.id);
  for (const violation of effectViolations(effects)) alarm(violation);
  count("takeovers", epoch - 1);
  count("effects", effects.length);
  count("modelCalls", stage.model.calls(tag));
}
