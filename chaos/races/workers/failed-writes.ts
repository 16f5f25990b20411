import { PlatosError } from "../../../packages/platos-tasks/src/core/errors.ts";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import type { Store } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import type { OperationContext } from "../../../packages/platos-tasks/src/operations/context.ts";
import { finishBgo } from "../../../packages/platos-tasks/src/operations/finish-bgo.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { call, scriptedModelPort } from "../../../packages/platos-tasks/src/testing/scripted-model-port.ts";
import { runBgoSegment } from "../../../packages/platos-tasks/src/worker/run-bgo-segment.ts";
import { SuspectLine } from "../../../packages/platos-tasks/src/worker/suspect-line.ts";
import { deliveredNow } from "../../harness/race/race-ground.ts";
import { raceExercise, type Trial } from "../../harness/race/run-race.ts";

const away = (): Promise<never> =>
  Promise.reject(new PlatosError("store.unavailable", "The database is away.", { retryable: true }));

/** The database goes away at the one write that matters, and is there again for the next one. */
export const failedWrites = raceExercise({
  summary: "a journal entry and a delivery that the database does not take",
  ciTrials: 10,
  releaseTrials: 200,
  lanes: 2,
  runtimes: 1,
  mustHappen: ["unrecorded", "undelivered"],
  run: (trial) => (trial.index % 2 === 0 ? unrecorded(trial) : undelivered(trial)),
});

/** An outage is nobody's failure: the BGO waits for the database as it is, under its first attempt. */
async function unrecorded({ ground, alarm, count }: Trial): Promise<void> {
  const operations = ground.operations(0);
  const { bgo } = await spawnBgo(operations, ground.tenant, { agent: ground.agent.slug, prompt: "do it" });
  const { autocommit } = operations.store;
  const journal = { ...autocommit.journal, recordForBgo: away };
  const store: Store = { ...operations.store, autocommit: { ...autocommit, journal } };
  const segment = { id: bgo.engineRunId ?? "", ownerId: bgo.id, ownerKind: "bgo" } as const;
  const never = new AbortController().signal;
  const told = await runBgoSegment(
    {
      operations: { ...operations, store },
      model: scriptedModelPort([{ parts: [call("report_progress", { message: "on it" })] }]),
      tools: [],
      live: { publishDelta: () => undefined },
      clock: operations.clock,
      log: silentLog,
      suspects: new SuspectLine(),
    },
    segment,
    { ...deliveredNow, signal: never, stopping: never, hurrying: never },
  ).then(
    () => "that all is done",
    (error: unknown) => (PlatosError.is(error) ? error.code : String(error)),
  );
  const { status, attempt } = await ground.find(bgo.id);
  if (told !== "store.unavailable" || status !== "running" || attempt !== 1)
    alarm(`while the database was away ${bgo.id} became ${status} at attempt ${attempt}; its worker was told ${told}`);
  count("unrecorded");
}

/** The job of a delivery is closed with it or not at all. */
async function undelivered({ ground, alarm, count }: Trial): Promise<void> {
  const operations = ground.operations(0);
  const spawned = await spawnBgo(operations, ground.tenant, { agent: ground.agent.slug, prompt: "do it" });
  const bgo = await ground.claim(spawned.bgo);
  const failing: OperationContext = { ...operations, store: { ...operations.store, transaction: away } };
  let closed = 0;
  const complete = async (): Promise<void> => {
    closed += 1;
  };
  await finishBgo(failing, bgo, { result: { status: "completed", output: "done" }, complete }).catch(() => undefined);
  if (closed > 0) alarm(`I5: the job of ${bgo.id} was closed, and its result was never delivered`);
  count("undelivered");
}
