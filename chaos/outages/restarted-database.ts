import { setTimeout as delay } from "node:timers/promises";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../exercise.ts";
import { durations } from "../harness/figures.ts";
import { Random } from "../harness/random.ts";
import { checkEvidence, untilQuiet } from "../harness/evidence/check-evidence.ts";
import { type OutageScene, setUpOutages } from "./outage-scene.ts";
import { StubbornClients } from "./stubborn-clients.ts";

const ciTrials = 8;
const mostUpMs = 2500;
const leastUpMs = 800;
const mostDownMs = 1000;
const servedWithinMs = 60_000;
const quietMs = 60_000;

/** F21: Postgres crashes under load and comes back. Nothing else is done, so the figures are those of its return alone. */
export const restartedDatabase: Exercise = {
  summary: `Postgres crashes and comes back; how long until somebody can spawn (trials: ${ciTrials}, for a release 1000)`,
  async run(options) {
    return restartOnAndOn(options, await setUpOutages(options.closing, { onSmallDisk: false }));
  },
};

async function restartOnAndOn(
  { seed, trials = ciTrials, progress }: ExerciseOptions,
  scene: OutageScene,
): Promise<ExerciseReport> {
  const clients = new StubbornClients(scene.api);
  await clients.open();
  const work = clients.run();
  const alarms: string[] = [];
  const servedMs: number[] = [];
  const random = Random.of(seed, "restarted database");
  try {
    for (let trial = 0; trial < trials; trial += 1) {
      await delay(random.between(leastUpMs, mostUpMs));
      await scene.postgres.crash(random.chance(0.5) ? "immediate" : "kill_postmaster");
      await delay(random.between(0, mostDownMs));
      await scene.postgres.start();
      const backMs = performance.now();
      const isServed = await Promise.race([
        clients.nextSpawn().then(() => true),
        delay(servedWithinMs, false, { ref: false }),
      ]);
      if (!isServed) alarms.push(`I18: ${servedWithinMs / 1000} s after Postgres was back nothing could be spawned`);
      servedMs.push(performance.now() - backMs);
      progress(`${trial + 1} of ${trials}: served again after ${Math.round(servedMs.at(-1) ?? 0)} ms`);
    }
  } finally {
    clients.stop();
  }
  await work;
  const { acknowledged } = clients;
  alarms.push(...acknowledged.alarms, ...scene.api.alarms, ...(await untilQuiet(scene.database, quietMs)));
  alarms.push(...(await checkEvidence(scene.database, { acknowledged, effects: [], modelCalls: [] })));
  return {
    alarms,
    figures: {
      trials,
      spawns: acknowledged.spawns.length,
      refused: clients.refusals,
      ...durations("spawnAfterRestart", servedMs),
    },
  };
}
