import { setTimeout as delay } from "node:timers/promises";
import { createGate, type Gate } from "../../../packages/platos-tasks/src/testing/gate.ts";
import type { Exercise, ExerciseOptions, ExerciseReport } from "../../exercise.ts";
import { failureBound } from "../../harness/figures.ts";
import type { ProductChild } from "../../harness/product/product-child.ts";
import { Random } from "../../harness/random.ts";
import { HeldWork } from "./held-work.ts";

const ciTrials = 10;
/** Twice the lease of a segment: nobody can take this for a short pause. */
const leastStopMs = 20_000;
const longestLateMs = 2000;

/** A worker is stopped by SIGSTOP in the middle of its model calls and goes on after another one has taken over. */
export const stoppedWorker: Exercise = {
  summary: `a worker stopped by SIGSTOP for twice its lease (BGOs: ${ciTrials})`,
  async run(options) {
    const { closing, progress, trials = ciTrials } = options;
    const prompts = Array.from({ length: trials }, (_, index) => `trial ${index}`);
    const answers = answersTo(prompts);
    // The first to ask for a second answer is the worker that will be stopped; the next one is its heir.
    const work = await HeldWork.open(closing, async (prompt, times) => {
      const isHeir = times > 1;
      await (isHeir ? answers.heirs.get(prompt) : answers.zombie)?.opened;
      return isHeir ? "the heir's" : "the zombie's";
    });
    const first = await work.startWorker(trials);
    const bgos = await work.spawn(prompts);
    await work.untilAsked(prompts, 1);
    first.signal("SIGSTOP");
    const stoppedAtMs = performance.now();
    // Its answers come in while it cannot read them.
    answers.zombie.open();
    const second = await work.startWorker(trials);
    await work.untilAsked(prompts, 2);
    const takeoverMs = performance.now() - stoppedAtMs;
    progress(`taken over after ${Math.round(takeoverMs)} ms`);
    await delay(Math.max(0, leastStopMs - takeoverMs));
    await comeBack(first, answers, options);
    for (const id of bgos.values()) await expectHeir(work, id);
    await work.finish([first, second]);
    return report(work, { trials, takeoverMs });
  },
};

interface Answers {
  readonly zombie: Gate;
  /** By prompt. */
  readonly heirs: ReadonlyMap<string, Gate>;
}

function answersTo(prompts: readonly string[]): Answers {
  return { zombie: createGate(), heirs: new Map(prompts.map((prompt) => [prompt, createGate()])) };
}

/** Some heirs have ended when the stopped worker goes on, some end with it, some later. */
async function comeBack(first: ProductChild, { heirs }: Answers, { seed }: ExerciseOptions): Promise<void> {
  const random = Random.of(seed, "stopped worker");
  await Promise.all([
    ...[...heirs.values()].map((gate) =>
      delay(longestLateMs + random.between(-longestLateMs, longestLateMs)).then(() => gate.open()),
    ),
    delay(longestLateMs).then(() => first.signal("SIGCONT")),
  ]);
}

async function expectHeir(work: HeldWork, bgoId: string): Promise<void> {
  const { status, output, epoch } = await work.endOf(bgoId);
  if (status === "completed" && output === "the heir's" && epoch === 2) return;
  work.alarms.push(`${bgoId} has ended as ${status} under epoch ${epoch}: ${JSON.stringify(output)}`);
}

function report(
  { alarms }: HeldWork,
  { trials, takeoverMs }: { readonly trials: number; readonly takeoverMs: number },
): ExerciseReport {
  return {
    alarms,
    figures: {
      trials,
      stoppedMs: Math.round(Math.max(leastStopMs, takeoverMs)),
      lastTakeoverMs: Math.round(takeoverMs),
      ...failureBound(alarms, trials),
    },
  };
}
