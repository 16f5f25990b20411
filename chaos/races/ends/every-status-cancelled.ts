import { isTerminal, type Status, statuses } from "../../../packages/platos-tasks/src/core/lifecycle.ts";
import type { BgoRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import { cancelBgo } from "../../../packages/platos-tasks/src/operations/cancel-bgo.ts";
import { type BgoResult, finishBgo } from "../../../packages/platos-tasks/src/operations/finish-bgo.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { suspendBgo } from "../../../packages/platos-tasks/src/operations/waits/suspend-bgo.ts";
import { nextYear } from "../../../packages/platos-tasks/src/testing/next-year.ts";
import { cancelDoorNames, cancelDoors } from "../../harness/race/cancel-doors.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import type { RaceGround } from "../../harness/race/race-ground.ts";
import { raceExercise } from "../../harness/race/run-race.ts";

const failure = { code: "model.failed", message: "it broke" } as const;

async function spawn(ground: RaceGround, runAt?: Date): Promise<BgoRow> {
  const request = { agent: ground.agent.slug, prompt: "do it", ...(runAt === undefined ? {} : { runAt }) };
  return (await spawnBgo(ground.operations(0), ground.tenant, request)).bgo;
}

async function finished(ground: RaceGround, result: BgoResult): Promise<BgoRow> {
  const bgo = await ground.claim(await spawn(ground));
  await finishBgo(ground.operations(0), bgo, { result, complete: async () => undefined });
  return bgo;
}

/** How a BGO is brought into each status; the table of statuses says that none is missing. */
const bgoIn: Readonly<Record<Status, (ground: RaceGround) => Promise<BgoRow>>> = {
  scheduled: (ground) => spawn(ground, nextYear()),
  queued: (ground) => spawn(ground),
  running: async (ground) => ground.claim(await spawn(ground)),
  async waiting(ground) {
    const bgo = await ground.claim(await spawn(ground));
    const request = { kind: "time", until: nextYear() } as const;
    await suspendBgo(ground.operations(0), bgo, {
      calls: [{ callId: "sleep", tool: "wait_until", request }],
      lastSteps: [],
      complete: async () => undefined,
    });
    return ground.find(bgo.id);
  },
  completed: (ground) => finished(ground, { status: "completed", output: "done" }),
  failed: (ground) => finished(ground, { status: "failed", error: failure, output: null }),
  async cancelled(ground) {
    const bgo = await spawn(ground);
    await cancelBgo(ground.operations(0), ground.tenant, { bgoId: bgo.id });
    return bgo;
  },
};

const times = 20;

/** Every status of the table, cancelled by two callers at once: the truth is told to both, and there is one end. */
export const everyStatusCancelled = raceExercise({
  summary: "two cancels at once of a BGO in every status of the table",
  ciTrials: statuses.length * times,
  releaseTrials: statuses.length * times * 10,
  lanes: 8,
  runtimes: 2,
  mustHappen: statuses.map((status) => `cancelled_${status}`),
  async run({ ground, index, random, count, alarm }) {
    const status = statuses[index % statuses.length] ?? "queued";
    const bgo = await bgoIn[status](ground);
    const outcomes = await Promise.all(
      [0, 1].map((runtime) => {
        const door = cancelDoorNames[random.index(cancelDoorNames.length)] ?? "Operation";
        return cancelDoors[door](ground, { bgoId: bgo.id, threadId: bgo.threadId, runtime });
      }),
    );
    count(`cancelled_${status}`);
    const expected = isTerminal(status)
      ? [`already_${status}`, `already_${status}`]
      : ["already_cancelled", "cancelled"];
    if (outcomes.toSorted().join() !== expected.join()) {
      alarm(`two cancels of a BGO that was ${status} were told ${outcomes.join(" and ")}`);
    }
    const end = await endedOnce(ground, bgo.id, alarm);
    if (end !== (isTerminal(status) ? status : "cancelled")) alarm(`a BGO that was ${status} has ended as ${end}`);
  },
});
