import { finishBgo } from "../../../packages/platos-tasks/src/operations/finish-bgo.ts";
import { recoverLost } from "../../../packages/platos-tasks/src/operations/recover-lost.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { BgoRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import { claimBgo } from "../../../packages/platos-tasks/src/operations/claim-bgo.ts";
import { createBarrier } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { pause } from "../../harness/race/pause.ts";
import { deliveredNow, type RaceGround } from "../../harness/race/race-ground.ts";
import { raceExercise, type Trial } from "../../harness/race/run-race.ts";

const maxJitterMs = 4;
const sweepers = 2;
/** Below zero: whatever stands in the database now counts as having been quiet. */
const anyAgeMs = -1000;

/** A BGO whose worker lives while its job is gone, as after a queue was restored from an older backup. */
async function withoutItsJob(ground: RaceGround): Promise<BgoRow> {
  const request = { agent: ground.agent.slug, prompt: "do it" };
  const bgo = await ground.claim((await spawnBgo(ground.operations(0), ground.tenant, request)).bgo);
  await ground.database.query("delete from pgboss.job where id = $1", [bgo.engineRunId]);
  return bgo;
}

/** Two sweepers take a running BGO for lost while its worker delivers the result. */
export const reaperAgainstCompletion = raceExercise({
  summary: "two sweepers at once against a worker that finishes",
  ciTrials: 1000,
  releaseTrials: 20_000,
  // A sweeper looks at all that is open: each trial has the database to itself.
  lanes: 1,
  runtimes: 3,
  mustHappen: ["sweptBeforeTheEnd", "endedUnswept", "sweptWithoutWorker"],
  async run(trial) {
    const { ground, random, index } = trial;
    const bgo = await withoutItsJob(ground);
    const isAbandoned = index % 4 === 0;
    const arrive = createBarrier(isAbandoned ? sweepers : sweepers + 1);
    const delaysMs = Array.from({ length: sweepers + 1 }, () => random.unit() * maxJitterMs);
    const sweeping = Array.from({ length: sweepers }, async (_, sweeper) => {
      await arrive();
      await pause(delaysMs[sweeper] ?? 0);
      return recoverLost(ground.operations(sweeper), anyAgeMs);
    });
    const finishing = isAbandoned
      ? null
      : arrive()
          .then(() => pause(delaysMs[sweepers] ?? 0))
          .then(() => finish(ground, bgo));
    const [swept, delivered] = await Promise.all([Promise.all(sweeping), finishing]);
    await expectOneHolder(trial, { bgo, recovered: swept.reduce((sum, times) => sum + times, 0), delivered });
  },
});

function finish(ground: RaceGround, bgo: BgoRow): Promise<boolean> {
  const result = { status: "completed", output: "done" } as const;
  return finishBgo(ground.operations(2), bgo, { result, complete: async () => undefined });
}

async function expectOneHolder(
  { ground, count, alarm }: Trial,
  seen: { readonly bgo: BgoRow; readonly recovered: number; readonly delivered: boolean | null },
): Promise<void> {
  const { bgo, recovered, delivered } = seen;
  const jobs = await ground.database.query<{ id: string }>(
    "select id from pgboss.job where data ->> 'ownerId' = $1 and state < 'completed'",
    [bgo.id],
  );
  if (jobs.length !== recovered) alarm(`${recovered} new segments of ${bgo.id} were told, ${jobs.length} are queued`);
  if (recovered > 1) alarm(`${bgo.id} was given ${recovered} segments by two sweepers`);
  if (delivered === false) alarm(`a sweeper kept the holder of ${bgo.id} from delivering its result`);
  count(delivered === null ? "sweptWithoutWorker" : recovered === 0 ? "endedUnswept" : "sweptBeforeTheEnd");
  if (delivered === null) {
    const { engineRunId, status } = await ground.find(bgo.id);
    if (status !== "running" || jobs[0]?.id !== engineRunId)
      alarm(`${bgo.id} does not name the segment that is queued`);
    await finish(ground, await ground.claim(await ground.find(bgo.id)));
  }
  for (const { id } of jobs) {
    const late = { id, ownerId: bgo.id, ownerKind: "bgo" } as const;
    const claimed = await claimBgo(ground.operations(1), late, deliveredNow);
    if (claimed !== null) alarm(`${bgo.id} was claimed after its end`);
  }
  await endedOnce(ground, bgo.id, alarm);
}
