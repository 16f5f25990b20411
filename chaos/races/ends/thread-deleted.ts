import { cancelBgo } from "../../../packages/platos-tasks/src/operations/cancel-bgo.ts";
import { deleteThread } from "../../../packages/platos-tasks/src/operations/delete-thread.ts";
import { finishBgo } from "../../../packages/platos-tasks/src/operations/finish-bgo.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createBarrier } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { pause } from "../../harness/race/pause.ts";
import { raceExercise } from "../../harness/race/run-race.ts";

const maxJitterMs = 3;

interface EndRow {
  readonly status: string;
  readonly output: unknown;
  readonly messages: number;
  readonly suppressed: number;
}

const text = `
  select b.status, b.output,
    (select count(*)::int from platos.messages m where m.thread_id = b.thread_id) as messages,
    (select count(*)::int from platos.audit_entries a where a.target_id = b.id and a.action = 'message.suppressed')
      as suppressed
  from platos.platos_tasks b where b.id = $1`;

/** A thread is deleted while its BGO ends: the BGO keeps its result, the thread takes no message any more. */
export const threadDeleted = raceExercise({
  summary: "a thread deleted against the end of its BGO",
  ciTrials: 200,
  releaseTrials: 2000,
  lanes: 8,
  runtimes: 2,
  mustHappen: ["messageSuppressed", "messageDeleted"],
  async run({ ground, index, random, count, alarm }) {
    const threadId = await ground.newThread();
    const request = { threadId, prompt: "do it" };
    const bgo = await ground.claim((await spawnBgo(ground.operations(0), ground.tenant, request)).bgo);
    const isCancelled = index % 4 === 3;
    const end = (): Promise<unknown> =>
      isCancelled
        ? cancelBgo(ground.operations(0), ground.tenant, { bgoId: bgo.id })
        : finishBgo(ground.operations(0), bgo, {
            result: { status: "completed", output: "done" },
            complete: async () => undefined,
          });
    const arrive = createBarrier(2);
    const [endAfterMs, deleteAfterMs] = [random.unit() * maxJitterMs, random.unit() * maxJitterMs];
    await Promise.all([
      arrive()
        .then(() => pause(endAfterMs))
        .then(end),
      arrive()
        .then(() => pause(deleteAfterMs))
        .then(() => deleteThread(ground.operations(1), ground.tenant, threadId)),
    ]);
    const [row] = await ground.database.query<EndRow & Record<string, unknown>>(text, [bgo.id]);
    const status = isCancelled ? "cancelled" : "completed";
    if (row?.status !== status) alarm(`${bgo.id} should be ${status} and is ${row?.status ?? "gone"}`);
    if (!isCancelled && row?.output !== "done") alarm(`${bgo.id} has lost its result: ${JSON.stringify(row?.output)}`);
    if (row?.messages !== 0) alarm(`${threadId} is deleted and has ${row?.messages} messages`);
    count(row?.suppressed === 0 ? "messageDeleted" : "messageSuppressed");
  },
});
