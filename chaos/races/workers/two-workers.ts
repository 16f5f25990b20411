import { setTimeout as delay } from "node:timers/promises";
import { readConfig } from "../../../packages/platos-tasks/src/config.ts";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { openRuntime, type Runtime, type RuntimePorts } from "../../../packages/platos-tasks/src/runtime.ts";
import { eventually } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";
import { stagedRaceExercise, type Trial } from "../../harness/race/run-race.ts";
import { ZombieModel } from "./zombie-model.ts";
import { pause } from "../../harness/race/pause.ts";

const lanes = 50;
const workers = 2;
const pollMs = 50;
const maxJitterMs = 5;

/** When the superseded worker comes back to life. */
const returns = ["WhileTheHeirWorks", "WithTheHeir", "AfterTheEnd"] as const;

interface Stage {
  readonly model: ZombieModel;
  readonly runtimes: readonly Runtime[];
  /** Writes that the store refused because a higher epoch held the row, by BGO. */
  readonly refused: Map<string, number>;
}

/** A worker that notices nothing of a lost lease, as one that was frozen, and tells how its writes fared. */
function deafWorker(ports: RuntimePorts, refused: Map<string, number>): RuntimePorts {
  const { engine, store } = ports;
  const deaf = new AbortController().signal;
  const engineOfDeaf: RuntimePorts["engine"] = {
    name: engine.name,
    enqueue: (tx, segment) => engine.enqueue(tx, segment),
    wake: (ownerKind) => engine.wake(ownerKind),
    cancel: (tx, ...segments) => engine.cancel(tx, ...segments),
    interrupt: (segment) => engine.interrupt(segment),
    start: (handler) => engine.start((segment, controls) => handler(segment, { ...controls, signal: deaf })),
    stop: (options) => engine.stop(options),
    describe: (segment) => engine.describe(segment),
  };
  const noteRefusal = <Row>(bgoId: string, row: Row | null): Row | null => {
    if (row === null) refused.set(bgoId, (refused.get(bgoId) ?? 0) + 1);
    return row;
  };
  const { journal } = store.autocommit;
  return {
    ...ports,
    engine: engineOfDeaf,
    store: {
      autocommit: {
        ...store.autocommit,
        journal: {
          ...journal,
          recordForBgo: async (bgo, steps, doing) => noteRefusal(bgo.id, await journal.recordForBgo(bgo, steps, doing)),
        },
      },
      transaction: (name, run) =>
        store.transaction(name, (tx) =>
          run({
            ...tx,
            bgos: {
              ...tx.bgos,
              transition: async (wanted) => noteRefusal(wanted.id, await tx.bgos.transition(wanted)),
            },
          }),
        ),
    },
  };
}

async function prepare(ground: RaceGround, closing: AsyncDisposableStack): Promise<Stage> {
  const model = new ZombieModel();
  const refused = new Map<string, number>();
  const config = readConfig({ PLATOS_LOG_LEVEL: "silent", PLATOS_WORKER_CONCURRENCY: String(lanes * 2) });
  const { connectionString } = ground.database;
  const runtimes = await Promise.all(
    Array.from({ length: workers }, () =>
      openRuntime({
        config,
        connectionString,
        log: silentLog,
        model,
        tools: [],
        decorate: (ports) => deafWorker(ports, refused),
      }),
    ),
  );
  closing.defer(async () => void (await Promise.all(runtimes.map((runtime) => runtime.stop({ graceMs: 2000 })))));
  for (const runtime of runtimes) await runtime.startWorker();
  return { model, runtimes, refused };
}

/** The lease of a worker runs out in the middle of a step, another one takes over, and the first one comes back. */
export const twoWorkers = stagedRaceExercise({
  summary: "a worker whose lease ran out in mid-step against its heir",
  ciTrials: 50,
  releaseTrials: 1000,
  lanes,
  runtimes: 1,
  mustHappen: ["zombieWritesRefused", ...returns.map((when) => `returned${when}`)],
  prepare,
  async run(trial, stage) {
    const { ground, index, count, alarm } = trial;
    const held = stage.model.expect(`trial ${index};`, index % 2 === 0 ? "record" : "finish");
    const request = { threadId: await ground.newThread(), prompt: `trial ${index};` };
    const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, request);
    await held.zombieIsHeld;
    await expireLease(ground, bgo.id);
    await held.heirIsHeld;
    const when = returns[index % returns.length] ?? "WithTheHeir";
    await comeBack(trial, when, { ground, bgoId: bgo.id, ...held });
    await eventually(`the zombie of ${bgo.id} to be refused`, async () => (stage.refused.get(bgo.id) ?? 0) > 0);
    const status = await endedOnce(ground, bgo.id, alarm);
    const { output, epoch } = await ground.find(bgo.id);
    if (status !== "completed" || output !== "the heir's")
      alarm(`${bgo.id} has ended as ${String(status)}: ${JSON.stringify(output)}`);
    count("zombieWritesRefused", stage.refused.get(bgo.id) ?? 0);
    count(`returned${when}`);
    count("takeovers", epoch - 1);
  },
});

/** Ages the holder's heartbeat until somebody has taken over: a holder that lives keeps renewing it. */
async function expireLease(ground: RaceGround, bgoId: string): Promise<void> {
  for (;;) {
    await ground.database.query(
      `update pgboss.job set heartbeat_on = now() - interval '1 minute'
       where state = 'active' and data ->> 'ownerId' = $1`,
      [bgoId],
    );
    await delay(pollMs);
    if ((await ground.find(bgoId)).epoch > 1) return;
  }
}

async function comeBack(
  { random }: Trial,
  when: (typeof returns)[number],
  of: {
    readonly ground: RaceGround;
    readonly bgoId: string;
    readonly releaseZombie: () => void;
    readonly releaseHeir: () => void;
  },
): Promise<void> {
  if (when === "AfterTheEnd") {
    of.releaseHeir();
    await of.ground.untilEnded(of.bgoId);
    of.releaseZombie();
    return;
  }
  of.releaseZombie();
  await pause(random.unit() * maxJitterMs);
  if (when === "WhileTheHeirWorks") await delay(100);
  of.releaseHeir();
  await of.ground.untilEnded(of.bgoId);
}
