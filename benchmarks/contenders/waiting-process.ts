// A server or a worker of the product, in a process of its own with `--expose-gc`, that parks and wakes what waits.
import { setTimeout as delay } from "node:timers/promises";
import { completeWaitpoint } from "../../packages/platos-tasks/src/operations/waits/complete-waitpoint.ts";
import { postMessage } from "../../packages/platos-tasks/src/operations/post-message.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { markedPrompt, modelFor, systemPrompt } from "../harness/work.ts";
import { waitingModel, waitingPrompt } from "../harness/waiting-work.ts";
import type { ContenderReply } from "./contender-messages.ts";
import { type ContenderSettings, inParallel } from "./contender.ts";
import { openPlatosRuntime } from "./open-platos-runtime.ts";
import { benchAgent, benchCaller, benchThread } from "./platos-tenant.ts";
import type { MemoryReport, WaitingRequest } from "./waiting-messages.ts";

const spawners = 20;
const scheduledPerThread = 50;
/** What is freed is given back to the system only after a while. */
const settleMs = 300;
const collections = 5;
const yearMs = 365 * 86_400_000;

const [role = "", settings = ""] = process.argv.slice(2);
const runtime = await openPlatosRuntime(JSON.parse(settings) as ContenderSettings, role as "server" | "worker");
const caller = await benchCaller(runtime);
if (role === "worker") await runtime.startWorker();
process.on("message", (request: WaitingRequest) => void reply(request));
process.once("disconnect", () => process.exit(0));
send({ value: "ready" });

async function reply(request: WaitingRequest): Promise<void> {
  try {
    send({ value: await answer(request) });
  } catch (error) {
    send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  if (request.do === "close") process.disconnect();
}

function answer(request: WaitingRequest): Promise<unknown> {
  switch (request.do) {
    case "spawn":
      return spawnWaiting(request);
    case "schedule":
      return schedule(request.count);
    case "answer":
      return answerWait(request.bgoId);
    case "memory":
      return memory();
    case "cpu": {
      const { user, system } = process.cpuUsage();
      return Promise.resolve((user + system) / 1000);
    }
    case "close":
      return runtime.stop({ graceMs: 1000 });
  }
}

function agentOf(model: string): Promise<string> {
  return benchAgent(runtime, caller, { model: `openai-compatible:${model}`, systemPrompt });
}

async function spawnWaiting({ kind, from, count }: Extract<WaitingRequest, { do: "spawn" }>): Promise<void> {
  const agentId = await agentOf(waitingModel);
  await inParallel(count, spawners, async (index) => {
    const threadId = await benchThread(runtime, caller, agentId);
    const prompt = waitingPrompt(kind, `${kind}${from + index}`);
    await spawnBgo(runtime.operations, caller, { threadId, prompt, tools: [] });
  });
}

async function schedule(count: number): Promise<void> {
  const agentId = await agentOf(modelFor({ turns: 1, modelDelayMs: 0, answerBytes: 40 }));
  const runAt = new Date(Date.now() + yearMs);
  await inParallel(Math.ceil(count / scheduledPerThread), spawners, async (lot) => {
    const threadId = await benchThread(runtime, caller, agentId);
    for (let index = lot * scheduledPerThread; index < Math.min(count, (lot + 1) * scheduledPerThread); index += 1) {
      const prompt = markedPrompt(`burst${index}`);
      await spawnBgo(runtime.operations, caller, { threadId, prompt, tools: [], runAt });
    }
  });
}

async function answerWait(bgoId: string): Promise<string> {
  const { operations } = runtime;
  const [wait] = await operations.store.autocommit.waitpoints.listOf(bgoId);
  if (wait === undefined) throw new Error(`${bgoId} waits for nothing.`);
  if (wait.kind === "reply") {
    await postMessage(operations, caller, { threadId: wait.threadId ?? "", text: "The second one, please." });
  } else {
    await completeWaitpoint(operations, wait, { status: "completed", value: { inFull: true }, actor: caller.actor });
  }
  return String(process.hrtime.bigint());
}

async function memory(): Promise<MemoryReport> {
  for (let times = 0; times < collections; times += 1) {
    globalThis.gc?.();
    await delay(settleMs);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { live: heapUsed + external, resident: rss };
}

function send(message: ContenderReply): void {
  process.send?.(message);
}
