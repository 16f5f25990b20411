import { setTimeout as delay } from "node:timers/promises";
import { postMessage } from "../../packages/platos-tasks/src/operations/post-message.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { ModelPort } from "../../packages/platos-tasks/src/core/ports/model.ts";
import type { Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import { openTestRuntime } from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../exercise.ts";
import { opened } from "../harness/closing.ts";
import { type PostgresProxy, startPostgresProxy } from "../harness/postgres/postgres-proxy.ts";
import { durations } from "../harness/figures.ts";
import { Random } from "../harness/random.ts";
import { watch } from "../harness/until.ts";
import { responseOf } from "../harness/race/played-model.ts";
import { RaceGround } from "../harness/race/race-ground.ts";

const ciTrials = 10;
/** What the product's listener calls itself. */
const listener = { applicationName: "platos-tasks listener" };
/** How often a worker looks by itself, and a second for everything else. */
const expectedMs = 3000;
const limitMs = 10_000;
const longestPauseMs = 500;
const healMs = 15_000;
const hintedMs = 1000;

/** F24: a worker whose connection for hints has died without a word looks by itself. */
export const silentListener: Exercise = {
  summary: `the connection that a worker listens on falls silent (trials: ${ciTrials}, for a release 100)`,
  async run(options) {
    const { closing } = options;
    const ground = await RaceGround.open(closing);
    const proxy = await opened(closing, () => startPostgresProxy(ground.database.connectionString));
    const model = new WatchedModel();
    const worker = await openTestRuntime({
      connectionString: proxy.url,
      model,
      tools: [],
      env: { PLATOS_ROLE: "worker" },
    });
    closing.defer(() => worker.stop({ graceMs: 1000 }));
    await worker.startWorker();
    return listen({ ground, proxy, model, worker, options });
  },
};

interface Scene {
  readonly ground: RaceGround;
  readonly proxy: PostgresProxy;
  readonly model: WatchedModel;
  readonly worker: Runtime;
  readonly options: ExerciseOptions;
}

/** Says when it is asked about something. */
class WatchedModel implements ModelPort {
  readonly #asked = new Map<string, () => void>();

  respond: ModelPort["respond"] = async ({ transcript }) => {
    const opening = JSON.stringify(transcript);
    for (const [prompt, resolve] of this.#asked) if (opening.includes(prompt)) resolve();
    return responseOf([{ type: "text", text: "done" }]);
  };

  /** How long it takes from now until it is asked about `prompt`; the limit when it is not within that. */
  async untilAsked(prompt: string, within: number): Promise<number> {
    const beganMs = performance.now();
    const asked = Promise.withResolvers<void>();
    this.#asked.set(prompt, asked.resolve);
    await Promise.race([asked.promise, delay(within, undefined, { ref: false })]);
    this.#asked.delete(prompt);
    return performance.now() - beganMs;
  }
}

async function listen(scene: Scene): Promise<ExerciseReport> {
  const { ground, proxy, options } = scene;
  const trials = options.trials ?? ciTrials;
  const random = Random.of(options.seed, "silent listener");
  const alarms: string[] = [];
  const pickedUp: number[] = [];
  await ask(scene, "warm up");
  proxy.set({ kind: "blackhole" }, listener);
  for (let trial = 0; trial < trials; trial += 1) {
    await delay(random.between(0, longestPauseMs));
    const ms = await ask(scene, `trial ${trial}`, trial % 2 === 0 ? "bgo" : "turn");
    pickedUp.push(ms);
    if (ms >= limitMs) alarms.push(`I18: with a silent listener trial ${trial} was not taken within ${limitMs} ms`);
    options.progress(`trial ${trial}: taken after ${Math.round(ms)} ms`);
  }
  proxy.set({ kind: "pass" });
  const healedMs = await untilHinted(scene);
  if (healedMs >= healMs) alarms.push(`F24: ${healMs} ms after the connection was back hints did not arrive`);
  await untilAllEnded(scene, alarms);
  alarms.push(...(await ground.violations()));
  return {
    alarms,
    figures: {
      trials,
      ...durations("pickUp", pickedUp),
      laterThanExpected: pickedUp.filter((ms) => ms > expectedMs).length,
      hintedAgainAfterMs: Math.round(healedMs),
    },
  };
}

/** How long it takes until a worker has begun with it. */
async function ask({ ground, model }: Scene, prompt: string, as: "bgo" | "turn" = "bgo"): Promise<number> {
  const threadId = await ground.newThread();
  const asked = model.untilAsked(prompt, limitMs);
  const operations = ground.operations(0);
  if (as === "bgo") await spawnBgo(operations, ground.tenant, { threadId, prompt });
  else await postMessage(operations, ground.tenant, { threadId, text: prompt });
  return asked;
}

/** Several in a row that no poll can have found so soon. */
async function untilHinted(scene: Scene): Promise<number> {
  const beganMs = performance.now();
  for (let [tries, inRow] = [0, 0]; inRow < 3 && performance.now() - beganMs < healMs; tries += 1) {
    inRow = (await ask(scene, `healed ${tries}`)) < hintedMs ? inRow + 1 : 0;
  }
  return performance.now() - beganMs;
}

async function untilAllEnded({ ground }: Scene, alarms: string[]): Promise<void> {
  const text = `select id from platos.platos_tasks where finished_at is null
    union all select id from platos.turns where finished_at is null`;
  const open = await watch(
    () => ground.database.query<{ id: string }>(text),
    ({ length }) => length === 0,
    { withinMs: limitMs, everyMs: 100 },
  );
  if (open.length > 0) alarms.push(`I18: still open at the end: ${open.map(({ id }) => id).join(", ")}`);
}
