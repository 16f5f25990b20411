import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../../benchmarks/harness/statistics.ts";
import type { Agent } from "../../packages/platos-tasks/src/core/agent.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { createTestAgent } from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import { opened } from "../harness/closing.ts";
import { durations } from "../harness/figures.ts";
import { ProductChild } from "../harness/product/product-child.ts";
import { sinkToolNames } from "../harness/outside/sink-tools.ts";
import { cancelDoors } from "../harness/race/cancel-doors.ts";
import { endedOnce } from "../harness/race/ended-once.ts";
import type { RaceGround } from "../harness/race/race-ground.ts";
import { watch } from "../harness/until.ts";
import { type RaceEnd, stagedRaceExercise, type Trial } from "../harness/race/run-race.ts";
import {
  type Asked,
  firstPrompt,
  HeldOutside,
  heldMs,
  parentPromptOf,
  promptOf,
  type Work,
  works,
} from "./cancelled-works.ts";

const lanes = 25;
/** After a cancel's answer nothing of the BGO goes on, or starts, for longer. */
const graceMs = 5000;
/** Nineteen of twenty have left by then. A hint that never comes takes until the next heartbeat, which is longer. */
const promisedMs = 2000;
const longestThoughtMs = 50;
const pollMs = 10;

/** How the cancel comes in. `Parent`: at the BGO that has spawned the one at work. */
const doors = ["Api", "Tool", "Parent"] as const;

type Door = (typeof doors)[number];

/** One cancel that was answered, and when the work was left. */
interface Cancelled {
  readonly door: Door;
  readonly work: Work;
  readonly name: string;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  readonly goneAtMs: number | null;
}

interface Stage {
  readonly outside: HeldOutside;
  readonly worker: ProductChild;
  readonly agents: Readonly<Record<"whole" | "streamed", Agent>>;
  readonly cancelled: Cancelled[];
}

async function prepare(ground: RaceGround, closing: AsyncDisposableStack): Promise<Stage> {
  const outside = await opened(closing, () => HeldOutside.start());
  const agentOf = (slug: string): Promise<Agent> =>
    createTestAgent(ground.runtimes[0], ground.tenant, {
      slug,
      model: `openai-compatible:${slug}`,
      tools: Object.values(sinkToolNames),
    });
  const agents = { whole: await agentOf("whole"), streamed: await agentOf("streamed") };
  const worker = new ProductChild({
    role: "worker",
    env: {
      ...outside.env,
      DATABASE_URL: ground.database.connectionString,
      PLATOS_WORKER_CONCURRENCY: String(3 * lanes),
    },
  });
  closing.defer(async () => void (await worker.end("SIGTERM")));
  await worker.ready;
  // From here on this model is asked for streams.
  const first = await spawnBgo(ground.operations(0), ground.tenant, { agent: "streamed", prompt: firstPrompt });
  await ground.untilEnded(first.bgo.id);
  return { outside, worker, agents, cancelled: [] };
}

/** F18, I9: a cancel in one process reaches the model calls and tools that are under way in another. */
export const cancelReachesTheWork = stagedRaceExercise({
  summary: "a cancel by API, tool or parent against model calls and tools under way in another process",
  ciTrials: 200,
  releaseTrials: 2000,
  lanes,
  runtimes: 1,
  mustHappen: doors.flatMap((door) => works.map((work) => `cancelled${work}By${door}`)),
  prepare,
  async run(trial, stage) {
    const { ground, index, random, count, alarm } = trial;
    const door = doors[index % doors.length] ?? "Api";
    const work = works[Math.floor(index / doors.length) % works.length] ?? "Thinking";
    const name = String(index);
    const begins = stage.outside.begins(work, name);
    const prompt = door === "Parent" ? parentPromptOf(work, name) : promptOf(work, name);
    const agent = stage.agents[work === "Streaming" ? "streamed" : "whole"];
    const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, { agent: agent.slug, prompt });
    const asked = await begins;
    await delay(random.unit() * longestThoughtMs);
    const askedAtMs = Date.now();
    const target = { bgoId: bgo.id, threadId: bgo.threadId, runtime: 0, agentId: agent.id };
    const outcome = await cancelDoors[door === "Tool" ? "Tool" : "Api"](ground, target);
    const answeredAtMs = Date.now();
    if (outcome !== "cancelled") alarm(`the cancel of ${work} by ${door} was told ${outcome}`);
    const goneAtMs = await leftWithin(asked, answeredAtMs);
    if (goneAtMs === null) alarm(`I9: ${work} of a BGO cancelled by ${door} went on for more than ${graceMs / 1000} s`);
    stage.cancelled.push({ door, work, name, askedAtMs, answeredAtMs, goneAtMs });
    await expectEnds(trial, { rootId: bgo.id, door, work });
    count(`cancelled${work}By${door}`);
  },
  async conclude(end, stage) {
    // Whoever did not leave would have had its answer by now, and gone on.
    await delay(heldMs + 1000);
    lateStarts(end, stage);
    for (const door of doors)
      tellTimes(
        end,
        door.toLowerCase(),
        stage.cancelled.filter((one) => one.door === door),
      );
    tellTimes(end, "all", stage.cancelled);
    if (stage.outside.streamedCalls < 2) end.alarm("no race: nothing was streamed");
  },
});

async function leftWithin(asked: Asked, answeredAtMs: number): Promise<number | null> {
  const withinMs = answeredAtMs + graceMs - Date.now();
  return watch(
    () => asked.goneAtMs,
    (goneAtMs) => goneAtMs !== null,
    { withinMs, everyMs: pollMs },
  );
}

/** Cancelled, each with one message; and of an at-most-once call that had begun, the journal says so. */
async function expectEnds(
  { ground, alarm, count }: Trial,
  of: { readonly rootId: string; readonly door: Door; readonly work: Work },
): Promise<void> {
  const children = await ground.database.query<{ id: string }>(
    "select id from platos.platos_tasks where parent_bgo_id = $1",
    [of.rootId],
  );
  const ids = [of.rootId, ...children.map(({ id }) => id)];
  for (const id of ids) {
    const status = await endedOnce(ground, id, alarm);
    if (status !== "cancelled") alarm(`I9: ${id} is ${String(status)} after its cancel`);
  }
  if (of.work !== "OnceTool") return;
  const workerId = ids.at(-1) ?? of.rootId;
  const steps = await ground.operations(0).store.autocommit.journal.read({ id: workerId });
  const kinds = steps.map(({ step }) => step.kind).join(", ");
  if (kinds !== "model, tool_intent") alarm(`I7: the journal of a BGO cancelled in its tool holds ${kinds}`);
  count("onceCallsToldAsBegun");
}

function lateStarts({ alarm, figure }: RaceEnd, { outside, cancelled }: Stage): void {
  let afterAnswer = 0;
  for (const { door, work, name, answeredAtMs } of cancelled) {
    const late = outside.askedIn(work, name).map(({ atMs }) => atMs - answeredAtMs);
    afterAnswer += late.filter((ms) => ms > 0).length;
    for (const ms of late.filter((each) => each > graceMs)) {
      alarm(`I9: ${ms} ms after ${work} of trial ${name} was cancelled by ${door}, something of it started`);
    }
  }
  figure("startedAfterTheAnswer", afterAnswer);
}

function tellTimes({ figure, alarm }: RaceEnd, who: string, cancelled: readonly Cancelled[]): void {
  const left = cancelled.flatMap(({ goneAtMs, ...one }) => (goneAtMs === null ? [] : [{ ...one, goneAtMs }]));
  if (left.length === 0) return;
  // One that left while the cancel was still being answered has taken no time after the answer.
  const afterAnswer = left.map(({ goneAtMs, answeredAtMs }) => Math.max(0, goneAtMs - answeredAtMs));
  const afterRequest = left.map(({ goneAtMs, askedAtMs }) => goneAtMs - askedAtMs);
  const mostMs = percentile(afterAnswer, 0.95);
  if (mostMs > promisedMs)
    alarm(`P17: one of twenty works (${who}) was left only ${mostMs} ms after the cancel's answer`);
  const figures = {
    ...durations(`${who}LeftAfterAnswer`, afterAnswer),
    ...durations(`${who}LeftAfterRequest`, afterRequest),
  };
  for (const [name, ms] of Object.entries(figures)) figure(name, ms);
}
