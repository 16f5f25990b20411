import type { Step } from "../../../packages/platos-tasks/src/core/journal.ts";
import { claimBgo, maxCrashes } from "../../../packages/platos-tasks/src/operations/claim-bgo.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { deliveredNow } from "../../harness/race/race-ground.ts";
import { raceExercise } from "../../harness/race/run-race.ts";

const healthyCrashes = 3 * maxCrashes;

const step: Step = {
  kind: "model",
  response: {
    parts: [{ type: "tool_call", callId: "c1", tool: "look", args: {} }],
    finishReason: "tool_calls",
    usage: { inputTokens: 1, outputTokens: 1, costUsd: 0 },
    model: "race",
    durationMs: 1,
  },
};
const answer: Step = { kind: "tool_result", result: { callId: "c1", tool: "look", output: "nothing" } };

/** F33: who crashes its worker every time is given up; who gets on between crashes never is. */
export const crashCount = raceExercise({
  summary: "a BGO that kills every worker, and one whose workers die but get on",
  ciTrials: 20,
  releaseTrials: 500,
  lanes: 4,
  runtimes: 2,
  mustHappen: ["givenUp", "wentOn"],
  async run({ ground, index, alarm, count }) {
    const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, { agent: ground.agent.slug, prompt: "do it" });
    const segment = { id: bgo.engineRunId ?? "", ownerId: bgo.id, ownerKind: "bgo" } as const;
    const getsOn = index % 2 === 0;
    const crashes = getsOn ? healthyCrashes : maxCrashes;
    // Every claim but the first follows a worker that was never heard of again.
    for (let claims = 0; claims <= crashes; claims += 1) {
      const claimed = await claimBgo(ground.operations(claims), segment, deliveredNow);
      if (claimed === null) return alarm(`${bgo.id} was given up after ${claims} crashes, gets on: ${getsOn}`);
      if (!getsOn) continue;
      const owner = { scope: ground.tenant.scope, id: bgo.id, epoch: claimed.bgo.epoch };
      await ground.operations(claims).store.autocommit.journal.recordForBgo(owner, [step, answer], "looking");
    }
    if (getsOn) return count("wentOn");
    const once = await claimBgo(ground.operations(0), segment, deliveredNow);
    if (once !== null) return alarm(`${bgo.id} has killed ${maxCrashes + 1} workers and goes on`);
    const status = await endedOnce(ground, bgo.id, alarm);
    const { error } = await ground.find(bgo.id);
    if (status !== "failed" || error?.code !== "worker.crashed") alarm(`${bgo.id} ended as ${String(status)}`);
    count("givenUp");
  },
});
