import { setTimeout as delay } from "node:timers/promises";
import type { Json } from "../../../packages/platos-tasks/src/core/json.ts";
import type { WaitpointRow } from "../../../packages/platos-tasks/src/core/ports/store.ts";
import { completeWaitpoint } from "../../../packages/platos-tasks/src/operations/waits/complete-waitpoint.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { eventually } from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { goesOn, runSegment } from "../../harness/race/played-worker.ts";
import { stagedRaceExercise, type Trial } from "../../harness/race/run-race.ts";
import { makeToken } from "./make-token.ts";
import { WaitingModel } from "./waiting-model.ts";

const aroundMs = 50;

/** How much later than the model's answer a suspension comes; grows and shrinks with who is first. */
let suspendLagMs = 10;
const lagStepMs = 0.5;
const longestLagMs = 200;

/** Of each trial: tokens that were made before, and ones that the suspension makes. */
const shapes = [
  { made: 1, opened: 0 },
  { made: 0, opened: 1 },
  { made: 2, opened: 0 },
  { made: 1, opened: 1 },
] as const;

/** F13: answers come while a BGO is about to wait for them, is doing so, or has just begun. It always goes on with them. */
export const answerAroundSuspend = stagedRaceExercise({
  summary: "tokens answered 50 ms before to 50 ms after the suspension that waits for them",
  ciTrials: 1000,
  releaseTrials: 20_000,
  lanes: 16,
  runtimes: 3,
  mustHappen: ["answeredBeforeTheWait", "answeredWhileWaiting", "openedByTheWait", "answeredTheLastTwoTogether"],
  prepare: async () => new WaitingModel(),
  async run(trial, model) {
    const { ground, index, random, count, alarm } = trial;
    const shape = shapes[index % shapes.length] ?? shapes[0];
    const made = await Promise.all(Array.from({ length: shape.made }, () => makeToken(ground)));
    const prompt = `trial ${index}`;
    const calls: Record<string, Json> = Object.fromEntries([
      ...made.map(({ id }, place) => [`made ${place}`, { waitpointId: id }]),
      ...Array.from({ length: shape.opened }, (_, place) => [`opened ${place}`, { question: "And this?" }]),
    ]);
    const { asked } = model.expect(prompt, { calls, thinkMs: aroundMs });
    const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, { agent: ground.agent.slug, prompt });
    const lagMs = suspendLagMs;
    const isTogether = shape.made > 1 && random.chance(0.5);
    const commonMs = random.between(0, 2 * aroundMs);
    const answers = [
      ...made.map(async (token, place): Promise<readonly [string, WaitpointRow]> => {
        const afterMs = isTogether ? commonMs : random.between(0, 2 * aroundMs);
        await asked;
        await delay(afterMs + lagMs);
        return [`made ${place}`, await answer(trial, token)];
      }),
      ...Array.from({ length: shape.opened }, async (_, place): Promise<readonly [string, WaitpointRow]> => {
        const callId = `opened ${place}`;
        const token = await opened(trial, bgo.id, callId);
        await delay(random.chance(0.5) ? 0 : random.between(0, aroundMs));
        count("openedByTheWait");
        return [callId, await answer(trial, token)];
      }),
    ];
    const [answered] = await Promise.all([Promise.all(answers), runSegment(trial, { bgo, model, runtime: index + 1 })]);
    noteSides(trial, { made: answered.slice(0, shape.made), isTogether });
    const told = await goesOn(trial, { bgoId: bgo.id, model });
    for (const [callId, { resolution }] of answered) {
      const said = JSON.stringify(told?.[callId]);
      const expected = JSON.stringify({ output: { outcome: "completed", value: resolution } });
      if (said !== expected) alarm(`${bgo.id} was told ${said} by ${callId}, and ${expected} was answered`);
    }
  },
});

function answer({ ground, index }: Trial, token: WaitpointRow): Promise<WaitpointRow> {
  const value = `to ${token.id} in trial ${index}`;
  const by = { status: "completed", value, actor: ground.tenant.actor } as const;
  return completeWaitpoint(ground.operations(index + 2), token, by);
}

function opened({ ground }: Trial, bgoId: string, callId: string): Promise<WaitpointRow> {
  const { waitpoints } = ground.operations(0).store.autocommit;
  return eventually(`${bgoId} to wait`, async () =>
    (await waitpoints.listOf(bgoId)).find(({ call }) => call?.callId === callId),
  );
}

/** Whether tokens were answered before somebody waited for them, and lets the next trials come closer to the middle. */
function noteSides(
  { count }: Trial,
  of: { readonly made: readonly (readonly [string, WaitpointRow])[]; readonly isTogether: boolean },
): void {
  const late = of.made.filter(([, { call }]) => call !== null).length;
  for (const [, { call }] of of.made) {
    count(call === null ? "answeredBeforeTheWait" : "answeredWhileWaiting");
    suspendLagMs = Math.min(longestLagMs, Math.max(-aroundMs, suspendLagMs + (call === null ? lagStepMs : -lagStepMs)));
  }
  if (of.isTogether && late === of.made.length) count("answeredTheLastTwoTogether");
}
