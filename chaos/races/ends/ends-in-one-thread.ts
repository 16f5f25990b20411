import type { BgoRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import { finishBgo } from "../../../packages/platos-tasks/src/operations/finish-bgo.ts";
import { postMessage } from "../../../packages/platos-tasks/src/operations/post-message.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createBarrier } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { raceExercise } from "../../harness/race/run-race.ts";

const bgosPerThread = 6;
/** One for each BGO, and what the user says meanwhile. */
const messagesPerThread = bgosPerThread + 1;

/** Several BGOs of one thread end at once, and its user speaks: every message gets a number of its own, without a gap. */
export const endsInOneThread = raceExercise({
  summary: "several BGOs ending in one thread at once, and a message into it",
  ciTrials: 40,
  releaseTrials: 2000,
  lanes: 4,
  runtimes: 3,
  mustHappen: ["outOfOrder"],
  async run({ ground, alarm, count }) {
    const threadId = await ground.newThread();
    const bgos: BgoRow[] = [];
    for (let number = 0; number < bgosPerThread; number += 1) {
      const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, { threadId, prompt: `do it ${number}` });
      bgos.push(await ground.claim(bgo));
    }
    const arrive = createBarrier(messagesPerThread);
    const result = { status: "completed", output: "done" } as const;
    await Promise.all([
      ...bgos.map(async (bgo, number) => {
        await arrive();
        await finishBgo(ground.operations(number), bgo, { result, complete: async () => undefined });
      }),
      arrive().then(() => postMessage(ground.operations(1), ground.tenant, { threadId, text: "hello" })),
    ]);
    for (const bgo of bgos) await endedOnce(ground, bgo.id, alarm);
    const rows = await ground.database.query<{ seq: number; bgo_id: string | null }>(
      "select seq, bgo_id from platos.messages where thread_id = $1 order by seq",
      [threadId],
    );
    const numbers = rows.map(({ seq }) => seq).join();
    const wanted = Array.from({ length: messagesPerThread }, (_none, index) => index + 1).join();
    if (numbers !== wanted) alarm(`the messages of ${threadId} are numbered ${numbers}`);
    const order = rows.flatMap(({ bgo_id: bgoId }) => (bgoId === null ? [] : [bgoId]));
    if (order.some((bgoId, place) => bgoId !== bgos[place]?.id)) count("outOfOrder");
  },
});
