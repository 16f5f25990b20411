import { setTimeout as delay } from "node:timers/promises";
import { startPostgresServer } from "../../benchmarks/harness/postgres-server.ts";
import { textOfMessage } from "../../packages/platos-tasks/src/core/message.ts";
import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import { cancelBgo } from "../../packages/platos-tasks/src/operations/cancel-bgo.ts";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import { getBgo } from "../../packages/platos-tasks/src/operations/get-bgo.ts";
import { postMessage } from "../../packages/platos-tasks/src/operations/post-message.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import type { Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import {
  type OpenAiStub,
  startOpenAiStub,
  type StubReply,
  type StubRequest,
} from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import { createGate } from "../../packages/platos-tasks/src/testing/gate.ts";
import { createTestDatabase, type TestDatabase } from "../../packages/platos-tasks/src/testing/test-database.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
  eventually,
  openTestRuntime,
} from "../../packages/platos-tasks/src/testing/test-runtime.ts";
import type { Exercise } from "../exercise.ts";
import { opened } from "../harness/closing.ts";
import { lateCommit, peacefulStop, wrongClock } from "./order-and-time.ts";

interface Ground {
  readonly runtime: Runtime;
  readonly database: TestDatabase;
  readonly model: OpenAiStub;
  /** Called when a client leaves a request of a prompt before it is answered. */
  readonly gone: { listener: (prompt: string) => void };
  readonly caller: Caller;
  readonly newThread: () => Promise<string>;
}

const hourMs = 3_600_000;
const inThread = 100;
const failing = "every call of this one fails";
const hanging = "this one is never answered";
/** After a cancel's answer nothing of the BGO goes on for longer. */
const graceMs = 5000;
const said = "first half, second half";

/** Promises that no race is needed for: what a stranger is told, what a retry at the cap gets, how outages are met. */
export const plainPromises: Exercise = {
  summary:
    "what a stranger is told, a retry at the cap, an answer that breaks off, a cancel amid a call, a provider that is down",
  async run({ closing }) {
    const postgres = await opened(closing, () => startPostgresServer({ statements: false }));
    const { connectionString } = await postgres.createDatabase();
    let cuts = 0;
    const gone: Ground["gone"] = { listener: () => undefined };
    const reply = ({ messages }: StubRequest): StubReply => {
      const prompt = JSON.stringify(messages);
      if (prompt.includes(failing)) return { fault: "500" };
      if (prompt.includes(hanging)) return { fault: "hang" };
      cuts += 1;
      return cuts === 1 ? { text: said, pieceChars: 4, fault: "cut" } : { text: said };
    };
    const onGone = ({ messages }: StubRequest): void => gone.listener(JSON.stringify(messages));
    const model = await opened(closing, () => startOpenAiStub({ onGone, reply }));
    const database = await createTestDatabase(connectionString);
    closing.defer(() => database.drop());
    const env = { OPENAI_COMPATIBLE_BASE_URL: model.baseUrl, PLATOS_WORKER_CONCURRENCY: "50" };
    const runtime = await openTestRuntime({ connectionString: database.connectionString, env, tools: [] });
    closing.defer(() => runtime.stop({ graceMs: 1000 }));
    const caller = await createTestTenant(runtime);
    const agent = await createTestAgent(runtime, caller, { model: "openai-compatible:stub", tools: [] });
    const newThread = (): Promise<string> => createTestThread(runtime, caller, agent);
    await runtime.startWorker();
    const ground: Ground = { runtime, database, model, gone, caller, newThread };
    const alarms = [
      ...(await strangers(ground)),
      ...(await cutAnswer(ground)),
      ...(await cancelledCall(ground)),
      ...(await stoppedWorker(ground)),
      ...(await lateCommit(ground)),
      ...(await wrongClock(ground)),
      ...(await outage(ground)),
    ];
    return { alarms, figures: { promises: 8, modelRequests: model.requests.length } };
  },
};

async function codeOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing;
    return "an answer";
  } catch (error) {
    return PlatosError.is(error) ? error.code : String(error);
  }
}

/** I14, and the key of a spawn that is asked for again when its thread is full. */
async function strangers({ runtime, caller, newThread }: Ground): Promise<string[]> {
  const { operations } = runtime;
  const stranger = await createTestTenant(runtime);
  const threadId = await newThread();
  const request = { threadId, prompt: "later", runAt: new Date(Date.now() + hourMs) };
  const first = await spawnBgo(operations, caller, { ...request, idempotencyKey: "first" });
  const told = {
    getBgo: await codeOf(getBgo(operations, stranger, first.bgo.id)),
    cancelBgo: await codeOf(cancelBgo(operations, stranger, { bgoId: first.bgo.id })),
    spawnBgo: await codeOf(spawnBgo(operations, stranger, request)),
    postMessage: await codeOf(postMessage(operations, stranger, { threadId, text: "hello" })),
  };
  const alarms = Object.entries(told)
    .filter(([, code]) => !code.endsWith(".not_found"))
    .map(([what, code]) => `I14: ${what} gave a stranger ${code}`);
  for (let live = 1; live < inThread; live += 1) await spawnBgo(operations, caller, request);
  const beyond = await codeOf(spawnBgo(operations, caller, request));
  if (beyond !== "bgo.cap_reached") alarms.push(`I12: BGO ${inThread + 1} of a thread got ${beyond}`);
  const again = await codeOf(spawnBgo(operations, caller, { ...request, idempotencyKey: "first" }));
  if (again !== "an answer")
    alarms.push(`P2: in a full thread a spawn that was acknowledged is answered with ${again}`);
  return alarms;
}

/** F38: what came before an answer broke off is no answer. */
async function cutAnswer({ runtime, caller, newThread }: Ground): Promise<string[]> {
  const threadId = await newThread();
  const { store } = runtime.operations;
  const { turnId } = await postMessage(runtime.operations, caller, { threadId, text: "hello" });
  const turn = await eventually("the turn to end", async () => {
    const found = await store.autocommit.turns.find(caller.scope, turnId);
    return found?.finishedAt === null ? null : found;
  });
  const messages = await store.autocommit.messages.list(caller.scope, threadId, { afterSeq: 1, limit: 10 });
  const texts = messages.map(textOfMessage);
  if (turn.status === "completed" && texts.length === 1 && texts[0] === said) return [];
  return [`F38: a turn whose first answer was cut off is ${turn.status} and says ${JSON.stringify(texts)}`];
}

/** I9: a cancel ends the model call that is under way. */
async function cancelledCall({ runtime, model, gone, caller, newThread }: Ground): Promise<string[]> {
  const before = model.requests.length;
  const left = createGate();
  gone.listener = (prompt) => {
    if (prompt.includes(hanging)) left.open();
  };
  const { bgo } = await spawnBgo(runtime.operations, caller, { threadId: await newThread(), prompt: hanging });
  await model.received(before + 1);
  await cancelBgo(runtime.operations, caller, { bgoId: bgo.id });
  const isLate = Symbol("late");
  const end = await Promise.race([left.opened, delay(graceMs, isLate, { ref: false })]);
  return end === isLate ? [`I9: the model call of a cancelled BGO went on for more than ${graceMs / 1000} s`] : [];
}

async function stoppedWorker(ground: Ground): Promise<string[]> {
  const asked = ground.model.requests.length + 1;
  return peacefulStop(ground, { claimable: hanging, isAsked: () => ground.model.received(asked) });
}

const bgos = 80;
/** What is saved up for retries within a call, and what each call earns; what a few calls under way may add. */
const allowed = (calls: number): number => calls * 1.2 + 20 + 10;

/** F37: tries within calls stay a fraction of the calls. */
async function outage({ runtime, database, model, caller, newThread }: Ground): Promise<string[]> {
  const before = model.requests.length;
  const threadId = await newThread();
  for (let count = 0; count < bgos; count += 1)
    await spawnBgo(runtime.operations, caller, { threadId, prompt: failing });
  const calls = await eventually("every BGO to have failed once", async () => {
    const [row] = await database.query<{ least: number; calls: number }>(
      "select min(attempt) as least, sum(attempt)::int as calls from platos.platos_tasks where thread_id = $1",
      [threadId],
    );
    return row !== undefined && row.least >= 2 && row.calls;
  });
  const requests = model.requests.length - before;
  if (requests <= allowed(calls)) return [];
  return [`F37: a provider that was down got ${requests} requests for ${calls} calls`];
}
