import type { Scheduler } from "fast-check";
import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import { isTerminal } from "../../packages/platos-tasks/src/core/lifecycle.ts";
import { cancelBgo } from "../../packages/platos-tasks/src/operations/cancel-bgo.ts";
import { completeWaitpoint } from "../../packages/platos-tasks/src/operations/waits/complete-waitpoint.ts";
import { deleteThread } from "../../packages/platos-tasks/src/operations/delete-thread.ts";
import { postMessage } from "../../packages/platos-tasks/src/operations/post-message.ts";
import { recoverLost } from "../../packages/platos-tasks/src/operations/recover-lost.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { SpawnRequest } from "../../packages/platos-tasks/src/operations/spawn-request.ts";
import { wakeDue } from "../../packages/platos-tasks/src/operations/wake-due.ts";
import type { Accident, ClientAction, Program, Round } from "./program.ts";
import { simulatedAgent, simulatedCaller, type SimulatedProcess, SimulatedWorld } from "./simulated-world.ts";
import type { StoreRecorder } from "./store-recorder.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const clientTries = 3;
/** Below zero: whatever stands there now counts as having been quiet. */
const anyAgeMs = -1000;
/** Retries are few and each takes less than a day, so what is alive ends long before. */
const maxDays = 40;

export interface RunOptions {
  readonly scheduler: Scheduler;
  readonly recorder: StoreRecorder | null;
}

/** Runs a program under a schedule, then without faults until nothing is left to do. */
export async function runProgram(program: Program, { scheduler, recorder }: RunOptions): Promise<SimulatedWorld> {
  const world = new SimulatedWorld({ ...program, scheduler, recorder });
  await world.open();
  for (const [number, round] of program.rounds.entries()) {
    const running = startRound(world, round, number);
    await scheduler.waitIdle();
    await unlessStuck(running);
    world.jump(dayMs);
  }
  await unlessStuck(settle(world));
  return world;
}

/** In a simulated world nothing waits for real time: what is not done when nothing moves any more never will be. */
async function unlessStuck(work: Promise<unknown>): Promise<void> {
  const stuck = Symbol("stuck");
  const idle = new Promise<symbol>((resolve) => setImmediate(() => resolve(stuck)));
  if ((await Promise.race([work, idle])) === stuck) throw new Error("I18: everything waits, and nothing moves.");
}

function startRound(world: SimulatedWorld, round: Round, number: number): Promise<unknown> {
  const workers = round.workers.map(({ fate }, index) => world.newProcess(`worker ${number}.${index}`, fate));
  return Promise.all([
    ...round.clients.map(({ actions, fate }, index) => {
      const client = world.newProcess(`client ${number}.${index}`, fate);
      return client.fiber.run(() => runClient(world, client, actions));
    }),
    ...workers.map((worker, index) =>
      worker.fiber.run(() => runWorker(world, worker, round.workers[index]?.looks ?? 1)),
    ),
    ...round.accidents.map((accidents, index) => {
      const sweeper = world.newProcess(`sweeper ${number}.${index}`, {});
      return sweeper.fiber.run(() => runAccidents(world, { sweeper, workers }, accidents));
    }),
  ]);
}

async function runWorker(world: SimulatedWorld, process: SimulatedProcess, looks: number): Promise<void> {
  const worker = world.newWorker(process);
  await worker.start();
  for (let look = 0; look < looks && !process.engine.isStopping; look += 1) await lookForWork(process);
}

async function lookForWork({ engine }: SimulatedProcess): Promise<boolean> {
  try {
    return await engine.deliverOne();
  } catch (error) {
    // A handler that fails leaves its job: the lease runs out and somebody else gets it.
    if (PlatosError.is(error)) return true;
    throw error;
  }
}

async function runClient(
  world: SimulatedWorld,
  process: SimulatedProcess,
  actions: readonly ClientAction[],
): Promise<void> {
  for (const action of actions) await withRetries(action, () => act(world, process, action));
}

/** As a client should: again while it is told that this may help, and only what is safe to repeat. */
async function withRetries(action: ClientAction, run: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await run();
      return;
    } catch (error) {
      if (!PlatosError.is(error) || error.code === "internal") throw error;
      const isSafe = !("key" in action) || action.key !== null;
      if (!error.retryable || !isSafe || tries === clientTries) return;
    }
  }
}

async function act(world: SimulatedWorld, { operations }: SimulatedProcess, action: ClientAction): Promise<void> {
  if (action.kind === "spawn") {
    const request = requestOf(world, action);
    if (action.key === null) world.told.keyless += 1;
    const { bgo } = await spawnBgo(operations, simulatedCaller, request);
    world.told.spawned.push({ bgoId: bgo.id, request: JSON.stringify({ ...request, runAt: action.isLater }) });
    return;
  }
  if (action.kind === "cancel") {
    const bgo = pick(world.database.rows("bgo"), action.bgo);
    if (bgo === undefined) return;
    const { outcome } = await cancelBgo(operations, simulatedCaller, { bgoId: bgo.id });
    world.told.cancelled.push({ bgoId: bgo.id, outcome });
    return;
  }
  if (action.kind === "answer") {
    const waits = world.database.rows("waitpoint");
    const open = waits.filter(({ status }) => status === "open");
    // Mostly there is none yet; what is over may be answered too.
    const wait = pick(open.length > 0 ? open : waits, action.wait);
    if (wait === undefined) return;
    const answer = { status: "completed", value: action.value, actor: simulatedCaller.actor } as const;
    // As it was taken: a reply keeps more than its text, a sleep that is ended early keeps the time.
    const { resolution } = await completeWaitpoint(operations, wait, answer);
    world.told.answered.push({ waitpointId: wait.id, resolution });
    return;
  }
  const threadId = world.threads[action.thread] ?? "";
  if (action.kind === "delete thread") {
    await deleteThread(operations, simulatedCaller, threadId);
    return;
  }
  const key = action.key === null ? {} : { idempotencyKey: action.key };
  const request = { threadId, text: `plan ${action.plan}`, ...key };
  const { messageId } = await postMessage(operations, simulatedCaller, request);
  world.told.posted.push({ messageId, threadId });
}

function requestOf(world: SimulatedWorld, action: ClientAction & { readonly kind: "spawn" }): SpawnRequest {
  const threadId = action.thread === null ? undefined : world.threads[action.thread];
  return {
    ...(threadId === undefined ? { agent: simulatedAgent.slug } : { threadId }),
    prompt: `plan ${action.plan}`,
    ...(action.key === null ? {} : { idempotencyKey: action.key }),
    ...(action.isLater ? { runAt: new Date(world.now().getTime() + hourMs) } : {}),
    ...(action.wakes ? { onComplete: "wake" as const } : {}),
    ...(action.maxTurns === null ? {} : { budget: { maxTurns: action.maxTurns } }),
  };
}

async function runAccidents(
  world: SimulatedWorld,
  { sweeper, workers }: { readonly sweeper: SimulatedProcess; readonly workers: readonly SimulatedProcess[] },
  accidents: readonly Accident[],
): Promise<void> {
  const { engine, operations, fiber } = sweeper;
  const jobsIn = (...states: string[]) => world.database.rows("job").filter(({ state }) => states.includes(state));
  for (const accident of accidents) {
    await fiber.point(accident.kind);
    if (accident.kind === "wake due") await wakeDue(operations);
    if (accident.kind === "recover lost") await recoverLost(operations, anyAgeMs);
    if (accident.kind === "stop worker") await workers[accident.worker]?.engine.stop();
    if (accident.kind === "expire lease") {
      const job = pick(jobsIn("active"), accident.job);
      if (job !== undefined) await engine.expireLease(job.id);
    }
    if (accident.kind === "lose job") {
      const job = pick(jobsIn("active", "created", "retry"), accident.job);
      if (job !== undefined) await engine.loseJob(job.id);
    }
  }
}

function pick<Row>(rows: readonly Row[], place: number): Row | undefined {
  return rows[place % rows.length];
}

/** What a living system does by itself in the days after the last fault. */
async function settle(world: SimulatedWorld): Promise<void> {
  const process = world.newProcess("the days after", {}, null);
  const worker = world.newWorker(process);
  await worker.start();
  for (let day = 0; day < maxDays && !isQuiet(world); day += 1) {
    for (const { id, state } of world.database.rows("job"))
      if (state === "active") await process.engine.expireLease(id);
    await wakeDue(process.operations);
    await recoverLost(process.operations);
    while (await lookForWork(process)) continue;
    world.jump(dayMs);
  }
  await worker.stop(0);
}

function isQuiet({ database }: SimulatedWorld): boolean {
  return (
    database.rows("bgo").every(({ status }) => isTerminal(status)) &&
    database.rows("turn").every(({ status }) => status === "completed" || status === "failed") &&
    database.rows("job").every(({ state }) => state === "completed" || state === "cancelled")
  );
}
