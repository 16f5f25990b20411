import { setTimeout as delay } from "node:timers/promises";
import { PlatosError } from "../../../packages/platos-tasks/src/core/errors.ts";
import { isTerminal } from "../../../packages/platos-tasks/src/core/lifecycle.ts";
import type { WaitpointRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import { completeWaitpoint } from "../../../packages/platos-tasks/src/operations/waits/complete-waitpoint.ts";
import { expireWaits } from "../../../packages/platos-tasks/src/operations/waits/expire-waits.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createBarrier } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { cancelDoorNames, cancelDoors } from "../../harness/race/cancel-doors.ts";
import { pause } from "../../harness/race/pause.ts";
import { goesOn, runSegment } from "../../harness/race/played-worker.ts";
import { stagedRaceExercise, type Trial } from "../../harness/race/run-race.ts";
import { WaitingModel } from "./waiting-model.ts";

const maxJitterMs = 4;
const longMs = 120;
const lookEveryMs = 1;
const expirers = 2;

/** Who is let go how much later, so that each of them wins often; grows and shrinks with who wins. */
const leadMs = { answer: 0, cancel: 0 };
const leadStepMs = 0.1;
const maxLeadMs = 20;

/** How many things a trial's BGO waits for; of two, each may end in its own way, and the later one wakes it. */
const shapes = [
  { waits: 1, hasCancel: false },
  { waits: 1, hasCancel: true },
  { waits: 2, hasCancel: false },
] as const;

interface Parked {
  readonly bgoId: string;
  readonly threadId: string;
  readonly model: WaitingModel;
  readonly waits: readonly WaitpointRow[];
}

/** F14: its time is over, it is answered, its BGO is cancelled. One outcome, and the BGO goes on with that one. */
export const threeEndsOfAWait = stagedRaceExercise({
  summary: "time-out against answer against cancel of a wait, with a worker that goes on at once",
  ciTrials: 1000,
  releaseTrials: 20_000,
  lanes: 6,
  runtimes: 3,
  mustHappen: ["ended_completed", "ended_timed_out", "ended_cancelled", "cancelCameLate", "oneOfEach"],
  prepare: async () => new WaitingModel(),
  async run(trial, model) {
    const { ground, index, random, count } = trial;
    const { waits: howMany, hasCancel } = shapes[index % shapes.length] ?? shapes[0];
    const parked = await park(trial, { model, howMany });
    // Now and then so late that the BGO may have gone on to its end.
    const cancelAfterMs = random.chance(0.4) ? random.unit() * longMs : random.unit() * maxJitterMs + leadMs.cancel;
    const arrive = createBarrier(1 + howMany + expirers + (hasCancel ? 1 : 0));
    await ground.database.query(
      "update platos.waitpoints set due_at = now() + $2::float8 * interval '1 ms' where owner_id = $1",
      [parked.bgoId, 1 + random.unit() * maxJitterMs + Math.max(0, -leadMs.answer)],
    );
    const [answers, outcome] = await Promise.all([
      Promise.all(
        parked.waits.map((wait) =>
          arrive()
            .then(() => pause(random.unit() * maxJitterMs + Math.max(0, leadMs.answer)))
            .then(() => answer(trial, wait)),
        ),
      ),
      hasCancel
        ? arrive()
            .then(() => delay(cancelAfterMs))
            .then(() => cancel(trial, parked))
        : null,
      ...Array.from({ length: expirers }, (_, expirer) =>
        arrive().then(async () => {
          for (; await isOpen(trial, parked.bgoId); await delay(lookEveryMs)) {
            await expireWaits(ground.operations(expirer));
          }
        }),
      ),
      arrive().then(async () => {
        while (!(await works(trial, parked))) await delay(lookEveryMs);
      }),
    ]);
    const ended = await expectOneOutcome(trial, parked, { answers, outcome });
    for (const status of ended) count(`ended_${status}`);
    if (new Set(ended).size > 1) count("oneOfEach");
    if (outcome !== null && outcome !== "cancelled") count("cancelCameLate");
    balance(ended, outcome);
  },
});

async function park(
  trial: Trial,
  { model, howMany }: { readonly model: WaitingModel; readonly howMany: number },
): Promise<Parked> {
  const { ground, index } = trial;
  const prompt = `trial ${index}`;
  const questions = Array.from({ length: howMany }, (_, place) => [`call ${place}`, { question: `Number ${place}?` }]);
  model.expect(prompt, { calls: Object.fromEntries(questions) });
  const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, { agent: ground.agent.slug, prompt });
  await runSegment(trial, { bgo, model, runtime: 0 });
  const waits = await ground.operations(0).store.autocommit.waitpoints.listOf(bgo.id);
  if (waits.length !== howMany) throw new Error(`${bgo.id} waits for ${waits.length} things instead of ${howMany}.`);
  return { bgoId: bgo.id, threadId: bgo.threadId, model, waits };
}

/** What the one who answered was told: null that it was taken, else the code of what happened instead. */
async function answer({ ground, index }: Trial, wait: WaitpointRow): Promise<string | null> {
  try {
    const by = { status: "completed", value: `to ${wait.id}`, actor: ground.tenant.actor } as const;
    await completeWaitpoint(ground.operations(index), wait, by);
    return null;
  } catch (error) {
    if (PlatosError.is(error)) return error.code;
    throw error;
  }
}

function cancel({ ground, index }: Trial, { bgoId, threadId }: Parked): Promise<string> {
  const door = cancelDoorNames[index % cancelDoorNames.length] ?? "Operation";
  return cancelDoors[door](ground, { bgoId, threadId, runtime: 1 });
}

async function isOpen({ ground }: Trial, bgoId: string): Promise<boolean> {
  const waits = await ground.operations(0).store.autocommit.waitpoints.listOf(bgoId);
  return waits.some(({ status }) => status === "open");
}

/** Runs the BGO as soon as it is queued. True: it has ended. */
async function works(trial: Trial, { bgoId, model }: Parked): Promise<boolean> {
  const bgo = await trial.ground.find(bgoId);
  if (bgo.status === "queued") await runSegment(trial, { bgo, model, runtime: 2 });
  if (bgo.status === "waiting" && !(await isOpen(trial, bgoId))) {
    const again = await trial.ground.find(bgoId);
    // Alarmed by whoever looks at what it ended as.
    if (again.status === "waiting") return true;
  }
  return isTerminal(bgo.status);
}

/** How each wait has ended, after everything that was told and consumed was compared with it. */
async function expectOneOutcome(
  trial: Trial,
  { bgoId, model, waits }: Parked,
  told: { readonly answers: readonly (string | null)[]; readonly outcome: string | null },
): Promise<readonly WaitpointRow["status"][]> {
  const { ground, alarm } = trial;
  const consumed = await goesOn(trial, { bgoId, model });
  const { status } = await ground.find(bgoId);
  if ((status === "cancelled") !== (told.outcome === "cancelled")) {
    alarm(`${bgoId} is ${status}, and the cancel was told ${String(told.outcome)}`);
  }
  const ended = await ground.operations(0).store.autocommit.waitpoints.listOf(bgoId);
  for (const [place, wait] of waits.entries()) {
    const now = ended.find(({ id }) => id === wait.id);
    const code = told.answers[place];
    if ((now?.status === "completed") !== (code === null)) {
      alarm(`${wait.id} is ${now?.status ?? "gone"}, and its answer was told ${code ?? "that it was taken"}`);
    }
    if (now !== undefined && code !== null && code !== "waitpoint.expired") {
      alarm(`a late answer to ${wait.id}, which is ${now.status}, was told ${String(code)}`);
    }
    if (consumed === null || now === undefined) continue;
    const output = consumed[wait.call?.callId ?? ""]?.output as { outcome?: string; value?: string } | undefined;
    const isSame = output?.outcome === now.status && (output.value ?? null) === now.resolution;
    if (!isSame) alarm(`${bgoId} went on with ${JSON.stringify(output)}, and ${wait.id} is ${now.status}`);
  }
  return ended.map((wait) => wait.status);
}

function balance(ended: readonly WaitpointRow["status"][], outcome: string | null): void {
  const moved = (lead: number, isFirst: boolean): number =>
    Math.max(-maxLeadMs, Math.min(maxLeadMs, lead + (isFirst ? leadStepMs : -leadStepMs)));
  for (const status of ended) {
    if (status !== "cancelled") leadMs.answer = moved(leadMs.answer, status === "completed");
  }
  // A cancel of a BGO that goes on is none of a wait: they are to meet in about half of the trials.
  if (outcome !== null) leadMs.cancel = Math.max(0, moved(leadMs.cancel, ended.includes("cancelled")));
}
