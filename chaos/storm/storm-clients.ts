import { setTimeout as delay } from "node:timers/promises";
import { type ApiCaller, type ApiRequest, textAt } from "../harness/outside/api-caller.ts";
import { AnsweringClient } from "./answering-client.ts";
import type { AcknowledgedMessage, StormPromises } from "./check-promises.ts";
import type { History } from "./history.ts";
import type { SeenModelCall } from "../harness/outside/model-stub.ts";
import { Random } from "../harness/random.ts";
import type { Acknowledged, AcknowledgedSpawn } from "../harness/evidence/acknowledged.ts";
import { childOf, type JobKind, promptOf } from "./model-script.ts";
import { PatientClient } from "./patient-client.ts";
import { SchedulingClient } from "./scheduling-client.ts";

export interface StormClientsOptions {
  readonly seed: number;
  readonly api: ApiCaller;
  readonly history: History;
  readonly modelCalls: readonly SeenModelCall[];
  readonly onSpawned: () => void;
  /** Aborted when the storm is over. */
  readonly signal: AbortSignal;
  /** Aborted when nothing is left to do: until then what is asked is answered. */
  readonly quiet: AbortSignal;
}

const spawners = 4;
const agent = "assistant";
const laterShare = 0.1;

/** What is spawned from outside, and how often. */
const spawnedKinds: readonly (readonly [kind: JobKind, share: number])[] = [
  ["loop", 0.04],
  ["family", 0.12],
  ["sleeper", 0.08],
  ["asker", 0.1],
  ["questioner", 0.06],
];

/** Everybody who uses the API during a storm. Each asks again until it is answered. */
export class StormClients {
  readonly acknowledged: Acknowledged = { spawns: [], cancels: [], deletedThreads: new Set(), alarms: [] };
  /** Threads that live to the end: those whose events are followed. */
  readonly lasting: string[] = [];
  readonly #options: StormClientsOptions;
  readonly #client: PatientClient;
  readonly #mortal: string[] = [];
  readonly #messages: AcknowledgedMessage[] = [];
  readonly #answering: AnsweringClient;
  readonly #scheduling: SchedulingClient;

  constructor(options: StormClientsOptions) {
    this.#options = options;
    const { seed, history } = options;
    const { alarms } = this.acknowledged;
    const client = new PatientClient(options.api, options.signal);
    this.#client = client;
    const answerer = new PatientClient(options.api, options.quiet);
    this.#answering = new AnsweringClient({ seed, client: answerer, history, alarms });
    this.#scheduling = new SchedulingClient({ seed, client, history, alarms, threads: this.lasting });
  }

  /** Resolves when it is quiet. */
  answer(): Promise<void> {
    return this.#answering.run();
  }

  /** Each must have fired as often as it should by then. */
  cancelSchedules(): Promise<void> {
    return this.#scheduling.cancelAll();
  }

  /** What callers were told besides what stands in `acknowledged`. */
  get promises(): StormPromises {
    const [answers, schedules] = [this.#answering.acknowledged, this.#scheduling.acknowledged];
    return { messages: this.#messages, answers, schedules };
  }

  /** Makes the first threads. */
  async open(): Promise<void> {
    for (let count = 0; count < 6; count += 1) this.lasting.push(await this.#newThread());
    for (let count = 0; count < 6; count += 1) this.#mortal.push(await this.#newThread());
  }

  /** Resolves when the storm is over and everybody has their last answer. */
  async run(): Promise<void> {
    await Promise.all([
      ...Array.from({ length: spawners }, (_, number) => this.#spawnOnAndOn(number)),
      this.#chatOnAndOn(),
      this.#cancelOnAndOn(),
      this.#cancelSlowOnes(),
      this.#deleteOnAndOn(),
      this.#mistakeOnAndOn(),
      this.#scheduling.run(),
    ]);
  }

  async #newThread(): Promise<string> {
    const { status, body } = await this.#client.ask({ method: "POST", path: "/threads", body: { agent } });
    const id = textAt(body, "id");
    if (status !== 201 || id === null) throw new Error(`A thread could not be made: ${status} ${JSON.stringify(body)}`);
    return id;
  }

  async #spawnOnAndOn(number: number): Promise<void> {
    const random = Random.of(this.#options.seed, "spawner", number);
    for (let count = 0; !this.#client.isOver; count += 1) {
      const threads = random.chance(0.5) ? this.lasting : this.#mortal;
      const asked = spawnRequest({
        kind: drawnKind(random),
        name: `s${number}-${count}`,
        threadId: threads[random.index(threads.length)] ?? "",
        ...(random.chance(laterShare) ? { runAt: new Date(Date.now() + random.between(1000, 8000)) } : {}),
      });
      const spawned = await this.#spawn(asked);
      if (spawned !== null && random.chance(0.1)) await this.#spawnAgain(asked, spawned.bgoId);
      await this.#client.pause(random, 250, 900);
    }
  }

  async #spawn(asked: SpawnRequest): Promise<AcknowledgedSpawn | null> {
    const { idempotencyKey: key } = asked;
    const { prompt, threadId } = asked.body;
    const answer = await this.#client.ask(asked);
    const bgoId = textAt(answer.body, "bgoId");
    this.#options.history.add({ kind: "spawn", key, prompt, threadId, status: answer.status, bgoId });
    if (bgoId === null) {
      const code = textAt(answer.body, "code");
      const isFair = code === "bgo.cap_reached" || (code === "thread.not_found" && !this.lasting.includes(threadId));
      if (!isFair) this.acknowledged.alarms.push(`I1: the spawn ${key} was answered ${answer.status} ${code}`);
      return null;
    }
    this.#options.onSpawned();
    const spawned = { key, prompt, threadId, bgoId, atMs: Date.now() };
    this.acknowledged.spawns.push(spawned);
    return spawned;
  }

  /** The same again, twice at once, and the same key for something else. */
  async #spawnAgain(asked: SpawnRequest, bgoId: string): Promise<void> {
    const { idempotencyKey: key, body: earlier } = asked;
    const other = { ...asked, body: { ...earlier, prompt: `${earlier.prompt} Or not.` } };
    const [conflict, ...again] = await Promise.all([other, asked, asked].map((request) => this.#client.ask(request)));
    for (const { status, body } of again) {
      if (status !== 404 && (status !== 200 || textAt(body, "bgoId") !== bgoId)) {
        this.acknowledged.alarms.push(
          `I4: ${key} had made ${bgoId}, and again was answered ${status} ${JSON.stringify(body)}`,
        );
      }
    }
    if (conflict?.status !== 404 && conflict?.status !== 409) {
      this.acknowledged.alarms.push(`I4: ${key} for something else was answered ${conflict?.status} instead of 409`);
    }
  }

  async #chatOnAndOn(): Promise<void> {
    const random = Random.of(this.#options.seed, "chat");
    for (let count = 0; !this.#client.isOver; count += 1) {
      const threadId = this.lasting[random.index(this.lasting.length)] ?? "";
      const name = `c${count}`;
      const { status, body } = await this.#client.ask({
        method: "POST",
        path: `/threads/${threadId}/messages`,
        body: { text: promptOf("chat", name) },
        idempotencyKey: `chat-${name}`,
      });
      const [messageId, turnId] = [textAt(body, "messageId"), textAt(body, "turnId")];
      this.#options.history.add({ kind: "message", threadId, name, status, turnId });
      if (status === 202 && messageId !== null && turnId !== null) {
        const answeredWaitpointId = textAt(body, "answeredWaitpointId");
        const firstPrompt = promptOf("plain", childOf(name, 0));
        this.#messages.push({ messageId, turnId, text: promptOf("chat", name), firstPrompt, answeredWaitpointId });
      } else this.acknowledged.alarms.push(`the message ${name} was answered ${status} ${JSON.stringify(body)}`);
      await this.#client.pause(random, 800, 2500);
    }
  }

  /** Cancels what was spawned a moment ago, wherever it is by now. */
  async #cancelOnAndOn(): Promise<void> {
    const random = Random.of(this.#options.seed, "cancel");
    while (!this.#client.isOver) {
      await this.#client.pause(random, 800, 2500);
      const recent = this.acknowledged.spawns.filter(({ prompt }) => !prompt.includes("[[slow ")).slice(-15);
      const spawn = recent[random.index(recent.length)];
      if (spawn !== undefined) await this.#cancel(spawn);
    }
  }

  /** Spawns what hangs in a model call, and cancels it there. */
  async #cancelSlowOnes(): Promise<void> {
    const random = Random.of(this.#options.seed, "slow");
    for (let count = 0; !this.#client.isOver; count += 1) {
      const threadId = this.lasting[random.index(this.lasting.length)] ?? "";
      const spawn = await this.#spawn(spawnRequest({ kind: "slow", name: `w${count}`, threadId }));
      if (spawn === null) {
        await this.#client.pause(random, 200, 1200);
        continue;
      }
      const tag = `slow w${count}`;
      while (!this.#client.isOver && !this.#options.modelCalls.some((call) => call.tag === tag)) await delay(100);
      await this.#client.pause(random, 200, 1200);
      await this.#cancel(spawn);
    }
  }

  async #cancel({ bgoId, prompt }: AcknowledgedSpawn): Promise<void> {
    const askedAtMs = Date.now();
    const { status, body } = await this.#client.ask({
      method: "POST",
      path: `/platos-tasks/${bgoId}/cancel`,
      body: {},
    });
    const outcome = textAt(body, "outcome");
    this.#options.history.add({ kind: "cancel", bgoId, status, outcome });
    if (outcome === null) {
      this.acknowledged.alarms.push(`I9: the cancel of ${bgoId} was answered ${status} ${JSON.stringify(body)}`);
      return;
    }
    this.acknowledged.cancels.push({ bgoId, prompt, outcome, askedAtMs, atMs: Date.now() });
  }

  async #deleteOnAndOn(): Promise<void> {
    const random = Random.of(this.#options.seed, "delete");
    while (!this.#client.isOver) {
      await this.#client.pause(random, 6000, 14_000);
      const place = random.index(this.#mortal.length);
      const threadId = this.#mortal[place];
      if (threadId === undefined || this.#client.isOver) continue;
      this.#mortal[place] = await this.#newThread();
      // Gone already means that an earlier try was done and its answer lost.
      const { status } = await this.#client.ask({ method: "DELETE", path: `/threads/${threadId}` });
      this.#options.history.add({ kind: "delete_thread", threadId, status });
      if (status !== 204 && status !== 404)
        this.acknowledged.alarms.push(`deleting ${threadId} was answered ${status}`);
      this.acknowledged.deletedThreads.add(threadId);
    }
  }

  /** Requests that must be refused, also while everything falls. */
  async #mistakeOnAndOn(): Promise<void> {
    const random = Random.of(this.#options.seed, "mistake");
    const path = "/platos-tasks";
    const mistakes = [
      { expected: [422], request: { method: "POST", path, body: { agent, prompt: "" } } },
      { expected: [404], request: { method: "POST", path, body: { threadId: "thr_none", prompt: "x" } } },
      { expected: [404], request: { method: "POST", path: `${path}/bgo_none/cancel`, body: {} } },
      { expected: [422], request: { method: "POST", path, body: { agent, prompt: "x", surprise: 1 } } },
    ] as const;
    for (let count = 0; !this.#client.isOver; count += 1) {
      const mistake = mistakes[count % mistakes.length] ?? mistakes[0];
      const { status } = await this.#client.ask(mistake.request);
      if (!mistake.expected.some((expected) => expected === status)) {
        this.acknowledged.alarms.push(`the mistake ${JSON.stringify(mistake.request)} was answered ${status}`);
      }
      await this.#client.pause(random, 1500, 4000);
    }
  }
}

function drawnKind(random: Random): JobKind {
  let drawn = random.unit();
  for (const [kind, share] of spawnedKinds) {
    if (drawn < share) return kind;
    drawn -= share;
  }
  return "plain";
}

interface SpawnRequest extends ApiRequest {
  readonly body: { readonly threadId: string; readonly prompt: string; readonly [field: string]: unknown };
  readonly idempotencyKey: string;
}

function spawnRequest(of: {
  readonly kind: JobKind;
  readonly name: string;
  readonly threadId: string;
  readonly runAt?: Date;
}): SpawnRequest {
  const { kind, name, threadId, runAt } = of;
  // Every loop ends by its budget; the others need less.
  const body = { threadId, prompt: promptOf(kind, name), budget: { maxTurns: 8 }, ...(runAt && { runAt }) };
  return { method: "POST", path: "/platos-tasks", body, idempotencyKey: `key-${name}` };
}
