import { setTimeout as delay } from "node:timers/promises";
import { isTerminal } from "../../packages/platos-tasks/src/core/lifecycle.ts";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
} from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import type { ExerciseReport } from "../exercise.ts";
import { type Failpoint, failpointText } from "../failpoints/failpoint.ts";
import { violationsOf } from "./check-trial.ts";
import { answerClient } from "./client-request.ts";
import { type Lane, openLane } from "./lane.ts";
import { expireLeases, openWork } from "./queue-surgery.ts";
import type { SweepBench } from "./sweep-bench.ts";
import { runTrial } from "./trial.ts";
import { workloads } from "./workload.ts";

const deathMs = 15_000;

function killedAfter(name: string): Failpoint {
  return { name, hit: 1, moment: "after", action: "kill" };
}

/** Every durable write of a BGO of ten steps, as a run without a fault makes them: its claim, each record, the end. */
async function durableWrites({ children }: SweepBench, lane: Lane): Promise<readonly Failpoint[]> {
  const child = children.take();
  const { seen } = await runTrial(lane, { trial: "f11-0", workload: "steps", failpoint: null, child });
  children.giveBack(child);
  const records = seen.find(({ name }) => name === "journal.recordForBgo")?.hits ?? 0;
  const middle = Array.from({ length: records }, () => killedAfter("journal.recordForBgo"));
  return [killedAfter("bgos.transition"), ...middle, killedAfter("deliver")];
}

/** F11: BGOs of ten steps, each of which loses a worker after every single one of its durable writes, and finishes. */
export async function crashAfterEachWrite(bench: SweepBench, bgos: number): Promise<ExerciseReport> {
  const lane = await openLane(bench.postgres);
  const alarms: string[] = [];
  let kills = 0;
  try {
    const writes = await durableWrites(bench, lane);
    kills = bgos * writes.length;
    for (let bgo = 1; bgo <= bgos; bgo += 1) {
      alarms.push(...(await crashChain(bench, { lane, writes, trial: `f11-${bgo}` })));
    }
  } finally {
    await lane.close();
  }
  const calls = lane.model.calls.length;
  return {
    alarms: alarms.map((alarm) => `crash after each write: ${alarm}`),
    figures: { crashChainBgos: bgos, crashChainKills: kills, crashChainModelCalls: calls },
  };
}

async function crashChain(
  { children }: SweepBench,
  { lane, writes, trial }: { readonly lane: Lane; readonly writes: readonly Failpoint[]; readonly trial: string },
): Promise<string[]> {
  const { control, database, model, sink } = lane;
  const before = { calls: model.calls.length, effects: sink.effects.length };
  const caller = await createTestTenant(control);
  const agent = await createTestAgent(control, caller, { model: "openai-compatible:stub" });
  const threadId = await createTestThread(control, caller, agent);
  const request = { kind: "spawn", threadId, prompt: `[[steps ${trial}]] do it`, idempotencyKey: trial } as const;
  const { id } = await answerClient(control.operations, caller, request);
  const alarms: string[] = [];
  for (const write of writes) {
    const child = children.take();
    await child.open(lane.addresses, write);
    await expireLeases(database);
    await child.work();
    const hasDied = await Promise.race([child.exited.then(() => true), delay(deathMs, false)]);
    if (!hasDied) {
      alarms.push(`${id} never came to ${failpointText(write)}: ${(await openWork(database)).join("; ")}`);
      await child.end();
    }
    children.giveBack(child);
    if (!hasDied) return alarms;
  }
  if (!(await hasEnded(lane, { caller, id }))) alarms.push(`I18: ${id} is not done after a worker for each write`);
  const record = {
    lane,
    workload: workloads.steps,
    trial,
    caller,
    faults: writes.length,
    zombies: 0,
    acknowledged: [{ request, id }],
    calls: model.calls.slice(before.calls),
    effects: sink.effects.slice(before.effects),
  };
  return [...alarms, ...(await violationsOf(record))];
}

async function hasEnded(lane: Lane, of: { readonly caller: Caller; readonly id: string }): Promise<boolean> {
  const row = await lane.control.operations.store.autocommit.bgos.find(of.caller.scope, of.id);
  return row !== null && isTerminal(row.status);
}
