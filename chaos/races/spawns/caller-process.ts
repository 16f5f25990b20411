// A process of callers: opens a runtime of its own on the race's database and spawns what it is told to.
import { PlatosError } from "../../../packages/platos-tasks/src/core/errors.ts";
import type { Json } from "../../../packages/platos-tasks/src/core/json.ts";
import { planToolCalls } from "../../../packages/platos-tasks/src/agent-loop/plan-tool-calls.ts";
import { spawnBgoTool } from "../../../packages/platos-tasks/src/meta-tools/spawn-bgo.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { systemIdentity } from "../../../packages/platos-tasks/src/system/system-identity.ts";
import { openTestRuntime } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import {
  type CallerAnswer,
  type CallerGround,
  type CallerOrder,
  callersAreReady,
  type OrderedSpawn,
} from "./caller-orders.ts";
import { pause } from "../../harness/race/pause.ts";

const maxTries = 50;

const { connectionString, scope, agentId } = JSON.parse(process.argv[2] ?? "") as CallerGround;
const runtime = await openTestRuntime({ connectionString, tools: [], env: { PLATOS_ROLE: "server" } });
const caller = { scope, actor: { type: "agent", id: agentId } } as const;

process.on("message", (order: CallerOrder) => {
  void answer(order).then((told) => process.send?.(told));
});
process.on("disconnect", () => void runtime.stop({ graceMs: 0 }).then(() => process.exit(0)));
process.send?.(callersAreReady);

async function answer({ id, callers, startAtMs, spawn }: CallerOrder): Promise<CallerAnswer> {
  const spawned: { bgoId: string; deduplicated: boolean }[] = [];
  const errors: string[] = [];
  let retries = 0;
  const one = async (place: number): Promise<void> => {
    await pause(startAtMs - performance.timeOrigin - performance.now());
    for (let tries = 1; ; tries += 1) {
      try {
        spawned.push(await ask(spawn, place));
        return;
      } catch (error) {
        if (!PlatosError.is(error) || !error.retryable || tries === maxTries) {
          errors.push(String(error));
          return;
        }
        retries += 1;
        await pause(1);
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, place) => one(place)));
  return { id, spawned, retries, errors };
}

async function ask(spawn: OrderedSpawn, place: number): Promise<{ bgoId: string; deduplicated: boolean }> {
  if (spawn.door === "operation") {
    const { bgo, deduplicated } = await spawnBgo(runtime.operations, caller, spawn.request);
    return { bgoId: bgo.id, deduplicated };
  }
  const { threadId, turnId } = spawn;
  const tool = spawnBgoTool({ operations: runtime.operations, caller, threadId, turnId, turnDepth: 0 });
  // A response that was sampled again: another call id, the arguments in another order.
  const members = Object.entries(spawn.args);
  const shift = place % members.length;
  const args = Object.fromEntries([...members.slice(shift), ...members.slice(0, shift)]) as Json;
  const part = { type: "tool_call", callId: systemIdentity.newSecret(8), tool: tool.name, args } as const;
  const plan = { ownerId: turnId, stepNo: 0, tools: [tool], hash: systemIdentity.sha256 };
  const [planned] = await planToolCalls([part], plan);
  if (planned?.kind !== "run") throw new Error("The call could not be planned.");
  const context = {
    scope,
    threadId,
    bgoId: null,
    callKey: planned.callKey,
    signal: new AbortController().signal,
  };
  return (await tool.run(planned.input, context)) as { bgoId: string; deduplicated: boolean };
}
