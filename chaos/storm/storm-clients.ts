import { setTimeout as delay } from "node:timers/promises";
import { type ApiAnswer, type ApiCaller, type ApiRequest, textAt } from "../harness/outside/api-caller.ts";
import type { History } from "./history.ts";
import type { SeenModelCall } from "../harness/outside/model-stub.ts";
import { Random } from "../harness/random.ts";
import type { Acknowledged, AcknowledgedSpawn } from "../harness/evidence/acknowledged.ts";
import { type JobKind, promptOf } from "./model-script.ts";

export interface StormClientsOptions {
  readonly seed: number;
  readonly api: ApiCaller;
  readonly history: History;
  readonly modelCalls: readonly SeenModelCall[];
  readonly onSpawned: () => void;
  /** Aborted when the storm is over. */
  readonly signal: AbortSignal;
}

const retryMs = 120;
const spawners = 4;
const agent = "assistant";

/** Everybody who uses the API during a storm. Each asks again until it is answered. */
export class StormClients {
  readonly acknowledged: Acknowledged = { spawns: [], cancels: [], deletedThreads: new Set(), alarms: [] };
  /** Threads that live to the end: those whose events are followed. */
  readonly lasting: string[] = [];
  readonly #options: StormClientsOptions;
  readonly #mortal: string[] = [];

  constructor(options: StormClientsOptions) {
    this.#options = options;
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
    ]);
  }

  get #isOver(): boolean {
    return this.#options.signal.aborted;
  }

  #pause(random: Random, fromMs: number, toMs: number): Promise<void> {
    return delay(random.between(fromMs, toMs), undefined, { signal: this.#options.signal }).catch(() => undefined);
  }

  /** Asks until the answer says what became of it. An unknown outcome is asked about under the same key. */
  async #ask(request: ApiRequest): Promise<ApiAnswer> {
    for (;;) {
      const answer = await this.#options.api.call(request);
      if (answer.status !== 0 && answer.status !== 503 && answer.status !== 429) return answer;
      await delay(retryMs);
    }
  }

  async #newThread(): Promise<string> {
    const { status, body } = await this.#ask({ method: "POST", path: "/threads", body: { agent } });
    const id = textAt(body, "id");
    if (status !== 201 || id === null) throw new Error(`A thread could not be made: ${status} ${JSON.stringify(body)}`);
    return id;
  }

  async #spawnOnAndOn(number: number): Promise<void> {
    const random = Random.of(this.#options.seed, "spawner", number);
    for (let count = 0; !this.#isOver; count += 1) {
      const kind: JobKind = random.chance(0.04) ? "loop" : "plain";
      const name = `s${number}-${count}`;
      const threads = random.chance(0.5) ? this.lasting : this.#mortal;
      const threadId = threads[random.index(threads.length)] ?? "";
      const spawned = await this.#spawn({ kind, name, threadId });
      if (spawned !== null && random.chance(0.1)) await this.#spawnAgain(spawned);
      await this.#pause(random, 250, 900);
    }
  }

  async #spawn(of: {
    readonly kind: JobKind;
    readonly name: string;
    readonly threadId: string;
  }): Promise<AcknowledgedSpawn | null> {
    const { kind, name, threadId } = of;
    const key = `key-${name}`;
    const prompt = promptOf(kind, name);
    const answer = await this.#ask(spawnRequest({ key, prompt, threadId }));
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
  async #spawnAgain({ key, prompt, threadId, bgoId }: AcknowledgedSpawn): Promise<void> {
    const other = spawnRequest({ key, prompt: `${prompt} Or not.`, threadId });
    const same = spawnRequest({ key, prompt, threadId });
    const [conflict, ...again] = await Promise.all([this.#ask(other), this.#ask(same), this.#ask(same)]);
    for (const { status, body } of again) {
      if (status !== 404 && (status !== 200 || textAt(body, "bgoId") !== bgoId)) {
        this.acknowledged.alarms.push(
          `I4: ${key} had made ${bgoId}, and again was answered ${status} ${JSON.stringify(body)}`,
        );
      }
    }
    if (conflict.status !== 404 && conflict.status !== 409) {
      this.acknowledged.alarms.push(`I4: ${key} for something else was answered ${conflict.status} instead of 409`);
    }
  }

  async #chatOnAndOn(): Promise<void> {
    const random = Random.of(this.#options.seed, "chat");
    for (let count = 0; !this.#isOver; count += 1) {
      const threadId = this.lasting[random.index(this.lasting.length)] ?? "";
      const name = `c${count}`;
      const { status, body } = await this.#ask({
        method: "POST",
        path: `/threads/${threadId}/messages`,
        body: { text: promptOf("chat", name) },
        idempotencyKey: `chat-${name}`,
      });
      this.#options.history.add({ kind: "message", threadId, name, status, turnId: textAt(body, "turnId") });
      if (status !== 202)
        this.acknowledged.alarms.push(`the message ${name} was answered ${status} ${JSON.stringify(body)}`);
      await this.#pause(random, 800, 2500);
    }
  }

  /** Cancels what was spawned a moment ago, wherever it is by now. */
  async #cancelOnAndOn(): Promise<void> {
    const random = Random.of(this.#options.seed, "cancel");
    while (!this.#isOver) {
      await this.#pause(random, 800, 2500);
      const recent = this.acknowledged.spawns.slice(-15);
      const spawn = recent[random.index(recent.length)];
      if (spawn !== undefined) await this.#cancel(spawn);
    }
  }

  /** Spawns what hangs in a model call, and cancels it there. */
  async #cancelSlowOnes(): Promise<void> {
    const random = Random.of(this.#options.seed, "slow");
    for (let count = 0; !this.#isOver; count += 1) {
      const threadId = this.lasting[random.index(this.lasting.length)] ?? "";
      const spawn = await this.#spawn({ kind: "slow", name: `w${count}`, threadId });
      const tag = `slow w${count}`;
      while (!this.#isOver && !this.#options.modelCalls.some((call) => call.tag === tag)) await delay(100);
      await this.#pause(random, 200, 1200);
      if (spawn !== null) await this.#cancel(spawn);
    }
  }

  async #cancel({ bgoId, prompt }: AcknowledgedSpawn): Promise<void> {
    const askedAtMs = Date.now();
    const { status, body } = await this.#ask({ method: "POST", path: `/platos-tasks/${bgoId}/cancel`, body: {} });
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
    while (!this.#isOver) {
      await this.#pause(random, 6000, 14_000);
      const place = random.index(this.#mortal.length);
      const threadId = this.#mortal[place];
      if (threadId === undefined || this.#isOver) continue;
      this.#mortal[place] = await this.#newThread();
      // Gone already means that an earlier try was done and its answer lost.
      const { status } = await this.#ask({ method: "DELETE", path: `/threads/${threadId}` });
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
    for (let count = 0; !this.#isOver; count += 1) {
      const mistake = mistakes[count % mistakes.length] ?? mistakes[0];
      const { status } = await this.#ask(mistake.request);
      if (!mistake.expected.some((expected) => expected === status)) {
        this.acknowledged.alarms.push(`the mistake ${JSON.stringify(mistake.request)} was answered ${status}`);
      }
      await this.#pause(random, 1500, 4000);
    }
  }
}

function spawnRequest(of: { readonly key: string; readonly prompt: string; readonly threadId: string }): ApiRequest {
  const { key, prompt, threadId } = of;
  // Every loop ends by its budget; the others need less.
  const body = { threadId, prompt, budget: { maxTurns: 8 } };
  return { method: "POST", path: "/platos-tasks", body, idempotencyKey: key };
}
