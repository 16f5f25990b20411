import { PlatosError } from "../../../packages/platos-tasks/src/core/errors.ts";
import { spawnBgo, type SpawnResult } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { SpawnRequest } from "../../../packages/platos-tasks/src/operations/spawn-request.ts";
import { opened } from "../../harness/closing.ts";
import { CutOff } from "../../harness/race/cut-off.ts";
import { stagedRaceExercise, type Trial } from "../../harness/race/run-race.ts";

const lanes = 4;
const mostLost = 3;
const maxTries = 10;

/**
 * The server has committed and the client never hears of it, up to three times in a row: the client that tries again,
 * and the one that must not, both learn of the one BGO there is.
 */
export const commitAckDropped = stagedRaceExercise({
  summary: "the connection is dropped after the commit of a spawn, before its answer",
  ciTrials: 100,
  releaseTrials: 3000,
  lanes,
  runtimes: 1,
  mustHappen: ["acknowledgementsLost", "withKey", "withoutKey", "inNewThread"],
  prepare: (ground, closing) =>
    Promise.all(Array.from({ length: lanes }, () => opened(closing, () => CutOff.open(ground)))),
  async run(trial, processes) {
    const { ground, index, lane, random, count, alarm } = trial;
    const cutOff = processes[lane];
    if (cutOff === undefined) throw new Error("A lane has no process.");
    const prompt = `trial ${index}`;
    const isNewThread = index % 3 === 0;
    const hasKey = isNewThread || index % 3 === 1;
    const request: SpawnRequest = {
      prompt,
      ...(isNewThread ? { agent: ground.agent.slug } : { threadId: await ground.newThread() }),
      ...(hasKey ? { idempotencyKey: prompt } : {}),
    };
    const lostBefore = cutOff.proxy.lostAcknowledgements;
    cutOff.proxy.loseAcknowledgements(1 + random.index(mostLost), "commit");
    const { bgo } = await untilAcknowledged(trial, cutOff, request);
    cutOff.proxy.loseAcknowledgements(0);
    if (hasKey) {
      const again = await spawnBgo(cutOff.runtime.operations, ground.tenant, request);
      if (again.bgo.id !== bgo.id || !again.deduplicated) alarm(`the key of ${bgo.id} made ${again.bgo.id} as well`);
    }
    count("acknowledgementsLost", cutOff.proxy.lostAcknowledgements - lostBefore);
    count(isNewThread ? "inNewThread" : hasKey ? "withKey" : "withoutKey");
    const rows = await ground.database.query<{ id: string }>("select id from platos.platos_tasks where prompt = $1", [
      prompt,
    ]);
    if (rows.length !== 1 || rows[0]?.id !== bgo.id) {
      alarm(`${bgo.id} was acknowledged; there are the rows ${rows.map(({ id }) => id).join(", ")}`);
    }
  },
});

async function untilAcknowledged(
  { ground, count }: Trial,
  { runtime }: CutOff,
  request: SpawnRequest,
): Promise<SpawnResult> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await spawnBgo(runtime.operations, ground.tenant, request);
    } catch (error) {
      // Without a key nobody may try again: the product has to find out what became of it.
      const mayRetry = PlatosError.is(error) && error.retryable && request.idempotencyKey !== undefined;
      if (!mayRetry || tries === maxTries) throw error;
      count("clientRetries");
    }
  }
}
