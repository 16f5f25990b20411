import { type BgoResult, finishBgo } from "../../../packages/platos-tasks/src/operations/finish-bgo.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createBarrier } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { type CancelDoor, cancelDoorNames, cancelDoors } from "../../harness/race/cancel-doors.ts";
import { endedOnce } from "../../harness/race/ended-once.ts";
import { pause } from "../../harness/race/pause.ts";
import { raceExercise, type Trial } from "../../harness/race/run-race.ts";

const maxJitterMs = 2;
/** How long a cancel takes to reach the database after the final write would have; grows and shrinks with who wins. */
const leadMs: Record<CancelDoor, number> = { Operation: 0, Api: 0, Tool: 0 };
const leadStepMs = 0.1;
const maxLeadMs = 20;

const failure = { code: "model.failed", message: "it broke" } as const;

function resultOf(index: number): BgoResult {
  if (index % 2 === 0) return { status: "failed", error: failure, output: null };
  return { status: "completed", output: "done" };
}

/** A cancel meets the final write of a running BGO; whoever is first, there is one end and everybody knows it. */
export const cancelAgainstFinal = raceExercise({
  summary: "a cancel by operation, API or tool against the final write",
  ciTrials: 2000,
  releaseTrials: 100_000,
  lanes: 12,
  runtimes: 2,
  mustHappen: cancelDoorNames.flatMap((door) => [`cancelWonBy${door}`, `finalWonAgainst${door}`]),
  async run(trial) {
    const { ground, index, random, count, alarm } = trial;
    const door = cancelDoorNames[index % cancelDoorNames.length] ?? "Operation";
    const spawned = await spawnBgo(ground.operations(0), ground.tenant, { agent: ground.agent.slug, prompt: "do it" });
    const bgo = await ground.claim(spawned.bgo);
    const result = resultOf(Math.floor(index / cancelDoorNames.length));
    const arrive = createBarrier(2);
    const cancelAfterMs = random.unit() * maxJitterMs;
    const finishAfterMs = random.unit() * maxJitterMs;
    const [outcome, delivered] = await Promise.all([
      arrive()
        .then(() => pause(cancelAfterMs + Math.max(0, -leadMs[door])))
        .then(() => cancelDoors[door](ground, { bgoId: bgo.id, threadId: bgo.threadId, runtime: 1 })),
      arrive()
        .then(() => pause(finishAfterMs + Math.max(0, leadMs[door])))
        .then(() => finishBgo(ground.operations(0), bgo, { result, complete: async () => undefined })),
    ]);
    const status = await endedOnce(ground, bgo.id, alarm);
    count(outcome === "cancelled" ? `cancelWonBy${door}` : `finalWonAgainst${door}`);
    balance(door, outcome === "cancelled");
    expectOutcome(trial, { outcome, delivered, status, result });
  },
});

function balance(door: CancelDoor, cancelWon: boolean): void {
  const next = leadMs[door] + (cancelWon ? -leadStepMs : leadStepMs);
  leadMs[door] = Math.max(-maxLeadMs, Math.min(maxLeadMs, next));
}

function expectOutcome(
  { alarm }: Trial,
  seen: {
    readonly outcome: string;
    readonly delivered: boolean;
    readonly status: string | null;
    readonly result: BgoResult;
  },
): void {
  const { outcome, delivered, status, result } = seen;
  const isRight = delivered
    ? outcome === `already_${result.status}` && status === result.status
    : outcome === "cancelled" && status === "cancelled";
  if (!isRight) {
    alarm(
      `the cancel was told ${outcome}, the worker that it ${delivered ? "had" : "had not"} won, and it is ${status}`,
    );
  }
}
