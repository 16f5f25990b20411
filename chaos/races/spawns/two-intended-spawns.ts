import { planToolCalls } from "../../../packages/platos-tasks/src/agent-loop/plan-tool-calls.ts";
import { spawnBgoTool } from "../../../packages/platos-tasks/src/meta-tools/spawn-bgo.ts";
import { postMessage } from "../../../packages/platos-tasks/src/operations/post-message.ts";
import { systemIdentity } from "../../../packages/platos-tasks/src/system/system-identity.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";
import { raceExercise } from "../../harness/race/run-race.ts";

const repeats = 3;

/** A response asks for the same thing twice and means it: two BGOs, and still two when it is run again. */
export const twoIntendedSpawns = raceExercise({
  summary: "two equal spawns of one response, run several times at once",
  ciTrials: 100,
  releaseTrials: 1000,
  lanes: 4,
  runtimes: 2,
  mustHappen: ["pairs"],
  async run({ ground, index, count, alarm }) {
    const threadId = await ground.newThread();
    const { turnId } = await postMessage(ground.operations(0), ground.tenant, { threadId, text: "go on" });
    const runs = await Promise.all(
      Array.from({ length: repeats }, (_, repeat) => runResponse(ground, { threadId, turnId, repeat, index })),
    );
    const [first = []] = runs;
    if (new Set(first).size !== 2) alarm(`two equal calls made ${new Set(first).size} BGOs`);
    for (const ids of runs)
      if (ids.join() !== first.join()) alarm(`run again, the calls made ${ids.join()} beside ${first.join()}`);
    count("pairs");
  },
});

/** Runs the response as a worker would, with call ids of its own; gives the BGOs in the order of the calls. */
async function runResponse(
  ground: RaceGround,
  of: { readonly threadId: string; readonly turnId: string; readonly repeat: number; readonly index: number },
): Promise<readonly string[]> {
  const { scope } = ground.tenant;
  const caller = { scope, actor: { type: "agent", id: ground.agent.id } } as const;
  const tool = spawnBgoTool({ operations: ground.operations(of.repeat), caller, turnDepth: 0, ...of });
  const calls = Array.from({ length: 2 }, () => {
    const args = { prompt: `pair ${of.index}` };
    return { type: "tool_call", callId: systemIdentity.newSecret(8), tool: tool.name, args } as const;
  });
  const planned = await planToolCalls(calls, {
    ownerId: of.turnId,
    stepNo: 0,
    tools: [tool],
    hash: systemIdentity.sha256,
  });
  return Promise.all(
    planned.map(async (call) => {
      if (call.kind !== "run") throw new Error("A call could not be planned.");
      const { signal } = new AbortController();
      const context = { scope, threadId: of.threadId, bgoId: null, callKey: call.callKey, signal };
      return ((await tool.run(call.input, context)) as { readonly bgoId: string }).bgoId;
    }),
  );
}
