import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { Database } from "../../packages/platos-tasks/src/store/database.ts";
import { freePort } from "../../packages/platos-tasks/src/store/embedded-postgres/free-port.ts";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../exercise.ts";
import { ApiCaller, throwawayKey } from "../harness/outside/api-caller.ts";
import { type CrashingPostgres, startCrashingPostgres } from "../harness/postgres/crashing-postgres.ts";
import { type EffectSink, startEffectSink } from "../harness/outside/effect-sink.ts";
import { History } from "./history.ts";
import { type ModelStub, startModelStub } from "../harness/outside/model-stub.ts";
import { Random } from "../harness/random.ts";
import { runDoctor } from "./run-doctor.ts";
import { opened } from "../harness/closing.ts";
import { lastLook } from "../harness/evidence/check-events.ts";
import { checkEvidence, untilQuiet } from "../harness/evidence/check-evidence.ts";
import { checkPromises, untilFired } from "./check-promises.ts";
import { EventWatcher } from "../harness/evidence/event-watcher.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";
import { stormFault, stormScript } from "./model-script.ts";
import { RestartWatch } from "./restart-watch.ts";
import { drawCrashes, drawSchedule, workerSlots } from "./schedule.ts";
import { StormClients } from "./storm-clients.ts";
import { stormFigures } from "./storm-figures.ts";
import { Striker } from "./strike.ts";

/** Some leases have to run out, and some of what had failed waits for a later attempt. */
const quietMs = 120_000;
/** Workers start, and look every second. */
const firedMs = 30_000;
const progressMs = 15_000;
const lastLookMs = 3000;
const readyMs = 30_000;
/** The first ten processes compile everything, all at once. */
const firstReadyMs = 120_000;

/** Random chaos: everything at once for some minutes, then quiet, then the checker. */
export function storm(of: { readonly summary: string; readonly defaultMinutes: number }): Exercise {
  return {
    summary: of.summary,
    async run(options) {
      const folder = await mkdtemp(join(tmpdir(), "platos-storm-"));
      let isKept = false;
      options.closing.defer(async () => {
        if (!isKept) await rm(folder, { recursive: true, force: true });
      });
      const minutes = options.minutes ?? of.defaultMinutes;
      const report = await weather({ ...options, minutes }, folder);
      isKept = report.alarms.length > 0;
      if (isKept) options.progress(`the history is ${join(folder, "H.jsonl")}`);
      return report;
    },
  };
}

interface Scene {
  readonly postgres: CrashingPostgres;
  readonly model: ModelStub;
  readonly sink: EffectSink;
  readonly fleet: Fleet;
  readonly restarts: RestartWatch;
  readonly api: ApiCaller;
  readonly history: History;
}

async function weather(
  options: ExerciseOptions & { readonly minutes: number },
  folder: string,
): Promise<ExerciseReport> {
  const { seed, closing, progress } = options;
  const scene = await setUp(options, folder);
  const { postgres, model, sink, fleet, restarts, api, history } = scene;
  const over = new AbortController();
  const quiet = new AbortController();
  const clients = new StormClients({
    seed,
    api,
    history,
    modelCalls: model.calls,
    onSpawned: () => restarts.spawned(),
    signal: over.signal,
    quiet: quiet.signal,
  });
  await clients.open();
  const watchers = [["bgos"], clients.lasting.map((id) => `thread:${id}`)].map(
    (topics, index) =>
      new EventWatcher({ api, topics, random: Random.of(seed, "watcher", index), signal: over.signal }),
  );
  const striker = new Striker({ postgres, fleet, restarts, history });
  closing.defer(() => striker.close());

  const answering = clients.answer().catch((error: unknown) => {
    clients.acknowledged.alarms.push(String(error));
  });
  await rage(options, { scene, clients, watchers, striker, over });
  progress("the storm is over; waiting until it is quiet");
  const calmAt = performance.now();
  const database = new Database({ connectionString: postgres.connectionString, poolSize: 4, log: silentLog });
  closing.defer(() => database.close());
  const violations = await untilFired(database, firedMs);
  await clients.cancelSchedules();
  violations.push(...(await untilQuiet(database, quietMs)));
  const quietAfterMs = performance.now() - calmAt;
  violations.push(...(await fleet.untilReady(readyMs)));
  quiet.abort();
  await answering;
  const evidence = { acknowledged: clients.acknowledged, effects: sink.effects, modelCalls: model.calls };
  violations.push(...(await checkEvidence(database, evidence)));
  violations.push(...(await checkPromises(database, clients.promises)));
  violations.push(...(await Promise.all(watchers.map((watcher) => lastLook(database, watcher, lastLookMs)))).flat());
  const doctor = await runDoctor(postgres.connectionString);
  progress(`platos doctor --at-rest:\n${doctor.output}`);
  if (!doctor.isHealthy) violations.push(`platos doctor finds something wrong: ${doctor.output}`);
  const alarms = [...violations, ...fleet.alarms, ...api.alarms, ...clients.acknowledged.alarms];
  for (const alarm of alarms) history.add({ kind: "alarm", alarm });
  const result = {
    database,
    evidence,
    promises: clients.promises,
    fleet,
    striker,
    restarts,
    watchers,
    violations,
    quietAfterMs,
  };
  return { alarms, figures: await stormFigures(result) };
}

interface Actors {
  readonly scene: Scene;
  readonly clients: StormClients;
  readonly watchers: readonly EventWatcher[];
  readonly striker: Striker;
  readonly over: AbortController;
}

/** Everybody works while the blows fall. Resolves when the faults are gone and the clients have their last answers. */
async function rage(
  { seed, minutes, progress }: ExerciseOptions & { readonly minutes: number },
  { scene, clients, watchers, striker, over }: Actors,
): Promise<void> {
  const { fleet, model, history } = scene;
  const lengthMs = minutes * 60_000;
  const plan = { lengthMs, blows: drawSchedule(seed, lengthMs), crashes: drawCrashes(seed) };
  history.add({ kind: "schedule", seed, minutes, blows: plan.blows.length });
  progress(`${plan.blows.length} blows in ${minutes} minutes, besides the database's crashes`);
  const telling = setInterval(() => {
    const { databaseCrashes } = striker.counts;
    const { workerKills } = fleet.counts;
    progress(`${clients.acknowledged.spawns.length} spawns, ${databaseCrashes} database crashes, ${workerKills} kills`);
  }, progressMs);
  const work = Promise.all([clients.run(), ...watchers.map((watcher) => watcher.run())]);
  try {
    // Whoever fails while the storm goes on ends it.
    await Promise.race([striker.run(plan), work.then(() => undefined)]);
    over.abort();
    fleet.calm();
    model.calm();
    await work;
  } finally {
    clearInterval(telling);
    over.abort();
  }
}

async function setUp({ seed, closing }: ExerciseOptions, folder: string): Promise<Scene> {
  const postgres = await opened(closing, () => startCrashingPostgres());
  const script = { script: stormScript(seed), fault: stormFault(seed) };
  const model = await opened(closing, () => startModelStub(script));
  const sink = await opened(closing, startEffectSink);
  const history = new History(join(folder, "H.jsonl"));
  closing.defer(() => history.close());
  const port = await freePort();
  const restarts = new RestartWatch();
  const fleetOptions: FleetOptions = {
    databaseUrl: postgres.connectionString,
    workers: workerSlots,
    env: {
      PLATOS_HOME: folder,
      PLATOS_MODEL: "openai-compatible:stub",
      OPENAI_COMPATIBLE_BASE_URL: model.baseUrl,
      CHAOS_SINK_URL: sink.url,
      // What was compiled once need not be compiled by each of hundreds of processes.
      NODE_COMPILE_CACHE: join(folder, "compiled"),
    },
    serverEnv: { PORT: String(port), PLATOS_API_KEY: throwawayKey },
    // Until it is there nobody could spawn, whether the database was back or not.
    onServerReady: () => restarts.otherTrouble(),
  };
  const fleet = await opened(closing, () => Fleet.start(fleetOptions));
  const [unready] = await fleet.untilReady(firstReadyMs);
  if (unready !== undefined) throw new Error(unready);
  return {
    postgres,
    model,
    sink,
    fleet,
    restarts,
    history,
    api: new ApiCaller(`http://127.0.0.1:${port}`, throwawayKey),
  };
}
