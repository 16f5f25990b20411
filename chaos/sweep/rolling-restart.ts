import { setTimeout as delay } from "node:timers/promises";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
} from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import type { Exercise, ExerciseReport } from "../exercise.ts";
import { invariantViolations } from "../harness/evidence/invariant-violations.ts";
import { type QuickPostgres, startQuickPostgres } from "../harness/postgres/quick-postgres.ts";
import { failureBound } from "../harness/figures.ts";
import { ProductChild } from "../harness/product/product-child.ts";
import { answerClient } from "./client-request.ts";
import { type Lane, openLane } from "./lane.ts";
import { openWork } from "./queue-surgery.ts";

const bgoCount = 50;
const exitLimitMs = 10_000;
const limitMs = 90_000;
/** Long enough that the restarts meet work in every state. */
const thinkMs = 120;

/** Restarts of a push; one time through its work, a worker pool sees about five of them. */
const ciTrials = 10;

export interface RestartGoal {
  readonly rounds: number;
  /** Further rounds follow until there were so many restarts. */
  readonly restarts?: number;
  readonly progress?: (line: string) => void;
}

interface Stopping {
  /** From SIGTERM to the end of its last delivery: then all its leases are given back or done. */
  readonly releasedMs: number;
  readonly exitMs: number;
  /** What it had begun and not ended when it was told to stop. */
  readonly held: number;
}

/** F42 by itself. */
export const rollingRestartExercise: Exercise = {
  summary: `50 BGOs whose workers are replaced with SIGTERM, one after the other (restarts: ${ciTrials}, for a release 200)`,
  async run({ trials = ciTrials, closing, progress }) {
    const postgres = await startQuickPostgres(closing);
    const { alarms, figures } = await rollingRestart({ postgres }, { rounds: 1, restarts: trials, progress });
    const { gracefulRestarts = 0 } = figures;
    return { alarms, figures: { trials: gracefulRestarts, ...figures, ...failureBound(alarms, gracefulRestarts) } };
  },
};

/** F42: workers are replaced one after the other with SIGTERM while 50 BGOs run. Nobody counts a crash or an attempt. */
export async function rollingRestart(
  { postgres }: { readonly postgres: QuickPostgres },
  { rounds, restarts = 0, progress = () => undefined }: RestartGoal,
): Promise<ExerciseReport> {
  const alarms: string[] = [];
  const stops: Stopping[] = [];
  for (let round = 1; round <= rounds || (stops.length < restarts && alarms.length === 0); round += 1) {
    const lane = await openLane(postgres, { thinkMs });
    try {
      alarms.push(...(await restartWhileRunning(lane, { trial: `f42-${round}`, stops })));
    } finally {
      await lane.close();
    }
    progress(`${stops.length} restarts, ${alarms.length} alarms`);
  }
  const most = (of: (stop: Stopping) => number): number => Math.round(Math.max(0, ...stops.map(of)));
  return {
    alarms: alarms.map((alarm) => `rolling restart: ${alarm}`),
    figures: {
      gracefulRestarts: stops.length,
      heldAtSigtermMax: most(({ held }) => held),
      leasesReleasedMaxMs: most(({ releasedMs }) => releasedMs),
      gracefulExitMaxMs: most(({ exitMs }) => exitMs),
    },
  };
}

async function restartWhileRunning(
  lane: Lane,
  { trial, stops }: { readonly trial: string; readonly stops: Stopping[] },
): Promise<string[]> {
  const alarms: string[] = [];
  const caller = await spawnAll(lane, trial);
  // One more than work: it has loaded its code, so that the next restart does not wait for that.
  let spare = newWorker(lane);
  const workers = [newWorker(lane), newWorker(lane)];
  try {
    for (const { child } of workers) child.go({});
    await Promise.all(workers.map((worker) => worker.child.ready));
    const startMs = performance.now();
    while ((await openWork(lane.database)).length > 0) {
      if (performance.now() - startMs > limitMs) return ["I18: 50 BGOs are not done after 90 s of restarts"];
      const oldest = workers.shift();
      if (oldest === undefined) break;
      const next = spare;
      workers.push(next);
      next.child.go({});
      spare = newWorker(lane);
      await next.child.ready;
      const { stopping, violations } = await stopInOrder(oldest);
      stops.push(stopping);
      alarms.push(...violations);
      await delay(thinkMs);
    }
  } finally {
    await Promise.all([...workers, spare].map(({ child }) => child.end("SIGKILL")));
  }
  return [...alarms, ...(await countedViolations(lane, caller)), ...(await invariantViolations(lane.database))];
}

async function stopInOrder({
  child,
  last,
}: RunningWorker): Promise<{ readonly stopping: Stopping; readonly violations: readonly string[] }> {
  const askedMs = performance.now();
  const { held } = child;
  const heldBefore = held.size;
  const { code } = await child.end("SIGTERM");
  const exitMs = performance.now() - askedMs;
  const releasedMs = Math.max(0, last.endedMs - askedMs);
  return {
    stopping: { releasedMs, exitMs, held: heldBefore },
    violations: [
      ...(code === 0 ? [] : [`F42: a worker that was told to stop ended with code ${code}`]),
      ...(held.size === 0 ? [] : [`F42: a worker that stopped has left ${held.size} segments with nobody`]),
      ...(exitMs <= exitLimitMs ? [] : [`F42: a worker took ${Math.round(exitMs)} ms to stop`]),
    ],
  };
}

async function spawnAll({ control }: Lane, trial: string): Promise<Caller> {
  const caller = await createTestTenant(control);
  const agent = await createTestAgent(control, caller, { model: "openai-compatible:stub" });
  const threadId = await createTestThread(control, caller, agent);
  for (let bgo = 1; bgo <= bgoCount; bgo += 1) {
    const name = `${trial}-${bgo}`;
    const request = { kind: "spawn", threadId, prompt: `[[steps ${name}]] do it`, idempotencyKey: name } as const;
    await answerClient(control.operations, caller, request);
  }
  return caller;
}

interface RunningWorker {
  readonly child: ProductChild;
  readonly last: { endedMs: number };
}

function newWorker({ addresses }: Lane): RunningWorker {
  const last = { endedMs: 0 };
  const child = new ProductChild({
    role: "worker",
    waits: true,
    env: {
      DATABASE_URL: addresses.connectionString,
      OPENAI_COMPATIBLE_BASE_URL: addresses.modelUrl,
      CHAOS_SINK_URL: addresses.sinkUrl,
      PLATOS_WORKER_CONCURRENCY: String(bgoCount),
    },
  });
  child.onMessage = (message) => {
    if (message.kind === "delivery" && message.phase === "ended") last.endedMs = performance.now();
  };
  return { child, last };
}

/** What a worker that stops in order must not leave: a crash, an attempt, a model call that is made again. */
async function countedViolations({ database, model }: Lane, { scope }: Caller): Promise<string[]> {
  const { rows } = await database.query<{
    id: string;
    status: string;
    attempt: number;
    crashes: number;
    messages: number;
  }>(
    `select id, status, attempt, (select count(*)::int from platos.audit_entries a
         where a.target_id = b.id and a.details ->> 'reason' = 'taken over from a lost worker') as crashes,
       (select count(*)::int from platos.messages m where m.bgo_id = b.id and m.terminal) as messages
     from platos.platos_tasks b where env_id = $1`,
    [scope.envId],
  );
  const found = rows
    .filter((row) => row.status !== "completed" || row.attempt !== 1 || row.crashes > 0 || row.messages !== 1)
    .map(
      (row) => `F42: ${row.id} is ${row.status}: ${row.attempt} attempts, ${row.crashes} crashes, ${row.messages} ends`,
    );
  if (rows.length !== bgoCount) found.push(`I1: of ${bgoCount} BGOs there are ${rows.length}`);
  for (const [tag, calls] of Map.groupBy(model.calls, (call) => call.tag)) {
    const turns = new Set(calls.map(({ turn }) => turn));
    if (calls.length > turns.size) found.push(`F42: ${tag} was asked ${calls.length} times for ${turns.size} answers`);
  }
  return found;
}
