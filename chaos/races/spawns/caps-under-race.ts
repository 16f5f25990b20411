import { PlatosError } from "../../../packages/platos-tasks/src/core/errors.ts";
import { postMessage } from "../../../packages/platos-tasks/src/operations/post-message.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { SpawnRequest } from "../../../packages/platos-tasks/src/operations/spawn-request.ts";
import { createBarrier } from "../../../packages/platos-tasks/src/testing/gate.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";
import { raceExercise, type Trial } from "../../harness/race/run-race.ts";

const spawners = 50;
const maxLivePerThread = 3;
const maxSpawnsPerTurn = 3;

const caps = ["Thread", "Turn"] as const;

/** Fifty spawners where one more is allowed: exactly one gets through, whichever cap it is. */
export const capsUnderRace = raceExercise({
  summary: "fifty spawners where a cap leaves room for one",
  ciTrials: 50,
  releaseTrials: 1000,
  lanes: 2,
  runtimes: 2,
  mustHappen: caps.map((cap) => `heldPer${cap}`),
  async run(trial) {
    const { ground, index, count } = trial;
    const cap = caps[index % caps.length] ?? "Thread";
    const request = cap === "Thread" ? await inOneThread(ground) : await overThreads(ground);
    await spawnUpTo(
      trial,
      Array.from({ length: 2 }, (_, place) => request(place)),
    );
    const got = await spawnUpTo(
      trial,
      Array.from({ length: spawners }, (_, place) => request(place)),
    );
    if (got !== 1) trial.alarm(`${got} of ${spawners} got through where one was allowed, per ${cap.toLowerCase()}`);
    count(`heldPer${cap}`);
  },
});

async function inOneThread(ground: RaceGround): Promise<(place: number) => SpawnRequest> {
  const threadId = await ground.newThread();
  return (place) => ({ threadId, prompt: `spawn ${place}` });
}

/** One turn that spreads what it spawns: the lock of one thread does not keep its children apart. */
async function overThreads(ground: RaceGround): Promise<(place: number) => SpawnRequest> {
  const [first = "", ...others] = await Promise.all(Array.from({ length: 5 }, () => ground.newThread()));
  const { turnId } = await postMessage(ground.operations(0), ground.tenant, { threadId: first, text: "go on" });
  const threads = [first, ...others];
  return (place) => ({
    ...(place % 6 === 5 ? { agent: ground.agent.slug } : { threadId: threads[place % 6] ?? first }),
    prompt: `spawn ${place}`,
    parent: { kind: "turn", turnId, depth: 0 },
  });
}

/** How many got through; whoever did not must have been told of the cap. */
async function spawnUpTo({ ground, alarm }: Trial, requests: readonly SpawnRequest[]): Promise<number> {
  const arrive = createBarrier(requests.length);
  const results = await Promise.allSettled(
    requests.map(async (request, place) => {
      const operations = ground.operations(place);
      await arrive();
      const tight = { ...operations.caps, maxLivePerThread, maxSpawnsPerTurn };
      return spawnBgo({ ...operations, caps: tight }, ground.tenant, request);
    }),
  );
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    const { reason } = result as { readonly reason: unknown };
    if (!PlatosError.is(reason) || reason.code !== "bgo.cap_reached") alarm(`a spawner was told ${String(reason)}`);
  }
  return results.filter(({ status }) => status === "fulfilled").length;
}
