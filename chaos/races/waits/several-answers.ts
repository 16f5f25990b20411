import { PlatosError } from "../../../packages/platos-tasks/src/core/errors.ts";
import { canonicalJson, type Json } from "../../../packages/platos-tasks/src/core/json.ts";
import type { WaitpointRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import type { WaitpointResolution } from "../../../packages/platos-tasks/src/core/waitpoint.ts";
import { cancelBgo } from "../../../packages/platos-tasks/src/operations/cancel-bgo.ts";
import { completeWaitpoint } from "../../../packages/platos-tasks/src/operations/waits/complete-waitpoint.ts";
import { expireWaits } from "../../../packages/platos-tasks/src/operations/waits/expire-waits.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createBarrier } from "../../../packages/platos-tasks/src/testing/gate.ts";
import { makeToken } from "./make-token.ts";
import { pause } from "../../harness/race/pause.ts";
import { goesOn, runSegment } from "../../harness/race/played-worker.ts";
import { stagedRaceExercise, type Trial } from "../../harness/race/run-race.ts";
import { WaitingModel } from "./waiting-model.ts";

const maxJitterMs = 2;

const completed = (value: Json): WaitpointResolution => ({ status: "completed", value });

/** What several parties answer at once. */
const answersOf = {
  // The same value, however its members are ordered.
  same: [
    completed({ ready: true, by: "ann" }),
    completed({ by: "ann", ready: true }),
    completed({ ready: true, by: "ann" }),
  ],
  conflicting: [completed("yes"), completed("no"), completed("yes"), completed(null)],
  failing: [
    completed("done"),
    { status: "failed", value: { reason: "it cannot be done" } },
    { status: "failed", value: { reason: "it cannot be done, really" } },
  ],
} as const satisfies Record<string, readonly WaitpointResolution[]>;

/** What has happened before they answer. */
const states = ["waitedFor", "waitedForByNobody", "timeIsOver", "cancelled"] as const;

type State = (typeof states)[number];

interface Told {
  readonly given: WaitpointResolution;
  /** Null: it was taken. */
  readonly refusal: PlatosError | null;
}

/** F15: a token is answered by several, with the same and with other values, in time, late, and again after the end. */
export const severalAnswers = stagedRaceExercise({
  summary: "one wait answered by several at once, late, and again after its BGO has ended",
  ciTrials: 120,
  releaseTrials: 1200,
  lanes: 4,
  runtimes: 3,
  mustHappen: [
    ...states.map((state) => `answered_${state}`),
    "repeatsTold",
    "conflictsTold",
    "lateOnesTold",
    "goneOnWithAnAnswer",
    "goneOnWithAFailure",
  ],
  prepare: async () => new WaitingModel(),
  async run(trial, model) {
    const { index, count } = trial;
    const state = states[index % states.length] ?? "waitedFor";
    const kinds = Object.values(answersOf);
    const answers = kinds[Math.floor(index / states.length) % kinds.length] ?? answersOf.same;
    const { bgoId, wait } = await prepareWait(trial, { model, state });
    const told = await answerAtOnce(trial, { wait, answers });
    count(`answered_${state}`);
    const isLate = state === "timeIsOver" || state === "cancelled";
    expectTold(trial, { wait: await look(trial, wait), told, isLate });
    // Nobody may have noticed yet that its time is over.
    if (state === "timeIsOver") await expireWaits(trial.ground.operations(0));
    const ended = await look(trial, wait);
    if (bgoId !== null) await expectConsumed(trial, { bgoId, model, wait: ended });
    // Again, by somebody who has looked it up before anything happened, and by somebody who looks it up now.
    for (const known of [wait, ended]) {
      const again = await answerAtOnce(trial, { wait: known, answers });
      expectTold(trial, { wait: ended, told: again, isLate, isRepeat: true });
    }
    const after = await look(trial, wait);
    if (JSON.stringify(after) !== JSON.stringify(ended)) trial.alarm(`answers that were refused changed ${wait.id}`);
  },
});

async function look({ ground }: Trial, { id }: WaitpointRow): Promise<WaitpointRow> {
  const found = await ground.operations(0).store.autocommit.waitpoints.find(ground.tenant.scope, id);
  if (found === null) throw new Error(`${id} is gone.`);
  return found;
}

async function prepareWait(
  trial: Trial,
  { model, state }: { readonly model: WaitingModel; readonly state: State },
): Promise<{ readonly bgoId: string | null; readonly wait: WaitpointRow }> {
  const { ground, index, random } = trial;
  if (state === "waitedForByNobody") return { bgoId: null, wait: await makeToken(ground) };
  const prompt = `trial ${index}`;
  model.expect(prompt, { calls: { asked: { question: "What is it?" } } });
  const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, { agent: ground.agent.slug, prompt });
  await runSegment(trial, { bgo, model, runtime: index });
  const [wait] = await ground.operations(0).store.autocommit.waitpoints.listOf(bgo.id);
  if (wait === undefined) throw new Error(`${bgo.id} waits for nothing.`);
  if (state === "cancelled") await cancelBgo(ground.operations(0), ground.tenant, { bgoId: bgo.id });
  if (state === "timeIsOver") {
    await ground.database.query("update platos.waitpoints set due_at = now() where id = $1", [wait.id]);
    // Whether anybody has noticed makes no difference to those who answer.
    if (random.chance(0.5)) await expireWaits(ground.operations(1));
  }
  return { bgoId: bgo.id, wait };
}

async function answerAtOnce(
  { ground, random }: Trial,
  { wait, answers }: { readonly wait: WaitpointRow; readonly answers: readonly WaitpointResolution[] },
): Promise<readonly Told[]> {
  const arrive = createBarrier(answers.length);
  return Promise.all(
    answers.map(async (given, racer) => {
      const afterMs = random.unit() * maxJitterMs;
      await arrive();
      await pause(afterMs);
      try {
        await completeWaitpoint(ground.operations(racer), wait, { ...given, actor: ground.tenant.actor });
        return { given, refusal: null };
      } catch (error) {
        if (!PlatosError.is(error)) throw error;
        return { given, refusal: error };
      }
    }),
  );
}

/** Each is told the truth: one that it was taken, the others what stands instead, or that they are late. */
function expectTold(
  { alarm, count }: Trial,
  of: {
    readonly wait: WaitpointRow;
    readonly told: readonly Told[];
    readonly isLate: boolean;
    readonly isRepeat?: boolean;
  },
): void {
  const { wait, told, isLate, isRepeat = false } = of;
  const taken = told.filter(({ refusal }) => refusal === null);
  const expected = isLate || isRepeat ? 0 : 1;
  if (taken.length !== expected) alarm(`${taken.length} answers to ${wait.id} were taken instead of ${expected}`);
  for (const { given } of taken) {
    if (!isSame(given, wait)) alarm(`${JSON.stringify(given)} was taken, and ${wait.id} has another resolution`);
  }
  for (const { given, refusal } of told) {
    if (refusal === null) continue;
    const code = isLate ? "waitpoint.expired" : "waitpoint.resolved";
    if (refusal.code !== code) alarm(`an answer to ${wait.id}, which is ${wait.status}, was told ${refusal.code}`);
    count(isLate ? "lateOnesTold" : isSame(given, wait) ? "repeatsTold" : "conflictsTold");
    const what = isSame(given, wait) ? "the same answer" : "another answer";
    if (!isLate && !refusal.message.includes(what)) alarm(`${JSON.stringify(given)} was told: ${refusal.message}`);
  }
}

function isSame(given: WaitpointResolution, { status, resolution }: WaitpointRow): boolean {
  return given.status === status && canonicalJson(given.value) === canonicalJson(resolution);
}

async function expectConsumed(
  trial: Trial,
  { bgoId, model, wait }: { readonly bgoId: string; readonly model: WaitingModel; readonly wait: WaitpointRow },
): Promise<void> {
  const { alarm, count } = trial;
  const told = (await goesOn(trial, { bgoId, model }))?.["asked"];
  if (told === undefined) return;
  const isFailure = told.error !== undefined;
  count(isFailure ? "goneOnWithAFailure" : "goneOnWithAnAnswer");
  const output = told.output as { readonly outcome?: string; readonly value?: Json } | undefined;
  const isRight =
    wait.status === "completed"
      ? canonicalJson(output?.value ?? null) === canonicalJson(wait.resolution)
      : wait.status === "failed"
        ? isFailure
        : output?.outcome === "timed_out";
  if (!isRight) alarm(`${bgoId} went on with ${JSON.stringify(told)}, and ${wait.id} is ${wait.status}`);
}
