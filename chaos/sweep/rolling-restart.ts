import { setTimeout as delay } from "node:timers/promises";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
} from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import type { ExerciseReport } from "../exercise.ts";
import { ProductChild } from "../harness/product-child.ts";
import { answerClient } from "./client-request.ts";
import { type Lane, openLane } from "./lane.ts";
import { openWork } from "./queue-surgery.ts";
import type { SweepBench } from "./sweep-bench.ts";

const bgoCount = 50;
const exitLimitMs = 10_000;
const limitMs = 90_000;
/** Long enough that the restarts meet work in every state. */
const thinkMs = 120;

/** F42: workers are replaced one after the other with SIGTERM while 50 BGOs run. Nobody counts a crash or an attempt. */
export async function rollingRestart(bench: SweepBench, rounds: number): Promise<ExerciseReport> {
  const alarms: string[] = [];
  const exitsMs: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const lane = await openLane(bench.server, { thinkMs });
    try {
      alarms.push(...(await restartWhileRunning(lane, { trial: `f42-${round}`, exitsMs })));
    } finally {
      await lane.close();
    }
  }
  return {
    alarms: alarms.map((alarm) => `rolling restart: ${alarm}`),
    figures: { gracefulRestarts: exitsMs.length, gracefulExitMaxMs: Math.round(Math.max(0, ...exitsMs)) },
  };
}

async function restartWhileRunning(
  lane: Lane,
  { trial, exitsMs }: { readonly trial: string; readonly exitsMs: number[] },
): Promise<string[]> {
  const alarms: string[] = [];
  const caller = await spawnAll(lane, trial);
  const workers = [startWorker(lane), startWorker(lane)];
  try {
    await Promise.all(workers.map((worker) => worker.ready));
    const startMs = performance.now();
    while ((await openWork(lane.database)).length > 0) {
      if (performance.now() - startMs > limitMs) return ["I18: 50 BGOs are not done after 90 s of restarts"];
      const oldest = workers.shift();
      if (oldest === undefined) break;
      const next = startWorker(lane);
      workers.push(next);
      await next.ready;
      const askedMs = performance.now();
      oldest.signal("SIGTERM");
      const { code } = await oldest.exited;
      const exitMs = performance.now() - askedMs;
      exitsMs.push(exitMs);
      if (code !== 0) alarms.push(`F42: a worker that was told to stop ended with code ${code}`);
      if (exitMs > exitLimitMs) alarms.push(`F42: a worker took ${Math.round(exitMs)} ms to stop`);
      await delay(thinkMs);
    }
  } finally {
    for (const worker of workers) worker.signal("SIGKILL");
    await Promise.all(workers.map((worker) => worker.exited));
  }
  return [...alarms, ...(await countedViolations(lane, caller))];
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

function startWorker({ addresses }: Lane): ProductChild {
  return new ProductChild({
    role: "worker",
    env: {
      DATABASE_URL: addresses.connectionString,
      OPENAI_COMPATIBLE_BASE_URL: addresses.modelUrl,
      CHAOS_SINK_URL: addresses.sinkUrl,
      PLATOS_WORKER_CONCURRENCY: String(bgoCount),
      PLATOS_LOG_LEVEL: "error",
    },
  });
}

/** What a worker that stops in order must not leave: a crash, an attempt, a model call that is made again. */
async function countedViolations({ database, model }: Lane, { scope }: Caller): Promise<string[]> {
  const { rows } = await database.query<{ id: string; status: string; attempt: number; crashes: string }>(
    `select id, status, attempt, (select count(*) from platos.audit_entries a
         where a.target_id = b.id and a.details ->> 'reason' = 'taken over from a lost worker') as crashes
     from platos.platos_tasks b where env_id = $1`,
    [scope.envId],
  );
  const found = rows
    .filter(({ status, attempt, crashes }) => status !== "completed" || attempt !== 1 || Number(crashes) > 0)
    .map((row) => `F42: ${row.id} is ${row.status}, attempt ${row.attempt}, ${row.crashes} crashes`);
  for (const [tag, calls] of Map.groupBy(model.calls, (call) => call.tag)) {
    const turns = new Set(calls.map(({ turn }) => turn));
    if (calls.length > turns.size) found.push(`F42: ${tag} was asked ${calls.length} times for ${turns.size} answers`);
  }
  return found;
}
