import { setTimeout as delay } from "node:timers/promises";
import { type ApiAnswer, type ApiCaller, textAt } from "../harness/outside/api-caller.ts";
import type { Acknowledged, AcknowledgedSpawn } from "../harness/evidence/acknowledged.ts";

const spawners = 3;
const retryMs = 200;
const pauseMs = 150;
const largePromptChars = 30_000;

export interface NewSpawn {
  readonly threadId: string;
  readonly key: string;
  readonly prompt: string;
}

/** Clients that spawn under keys and ask again until they are answered. */
export class StubbornClients {
  readonly acknowledged: Acknowledged = { spawns: [], cancels: [], deletedThreads: new Set(), alarms: [] };
  /** Prompts that need room on the disk. */
  areLarge = false;
  refusals = 0;
  longestAnswerMs = 0;
  readonly #api: ApiCaller;
  readonly #threads: string[] = [];
  readonly #over = new AbortController();
  #onSpawned: (() => void)[] = [];

  constructor(api: ApiCaller) {
    this.#api = api;
  }

  async open(): Promise<void> {
    for (let count = 0; count < spawners; count += 1) this.#threads.push(await this.newThread());
  }

  /** Resolves once they are told to stop and each has its last answer. */
  async run(): Promise<void> {
    await Promise.all(this.#threads.map((threadId, number) => this.#spawnOnAndOn(threadId, number)));
  }

  stop(): void {
    this.#over.abort();
  }

  /** Resolves when the next spawn is acknowledged. */
  nextSpawn(): Promise<void> {
    return new Promise((resolve) => this.#onSpawned.push(resolve));
  }

  async newThread(): Promise<string> {
    const { body } = await this.#ask("/threads", { agent: "assistant" });
    return textAt(body, "id") ?? "";
  }

  async spawn({ threadId, key, prompt }: NewSpawn): Promise<AcknowledgedSpawn> {
    const { status, body } = await this.#ask("/platos-tasks", { threadId, prompt, idempotencyKey: key });
    const bgoId = textAt(body, "bgoId") ?? "";
    const spawned = { threadId, key, prompt, bgoId, atMs: Date.now() };
    if (bgoId === "")
      this.acknowledged.alarms.push(`I1: the spawn ${key} was answered ${status} ${JSON.stringify(body)}`);
    else this.acknowledged.spawns.push(spawned);
    for (const resolve of this.#onSpawned.splice(0)) resolve();
    return spawned;
  }

  async #spawnOnAndOn(threadId: string, number: number): Promise<void> {
    for (let count = 0; !this.#over.signal.aborted; count += 1) {
      const name = `${number}-${count}`;
      const ballast = this.areLarge ? randomText(largePromptChars) : "";
      await this.spawn({ threadId, key: `key ${name}`, prompt: `[[plain ${name}]] ${ballast}` });
      await delay(pauseMs, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }

  async #ask(path: string, body: unknown): Promise<ApiAnswer> {
    for (;;) {
      const beganMs = performance.now();
      const answer = await this.#api.call({ method: "POST", path, body });
      const tookMs = performance.now() - beganMs;
      this.longestAnswerMs = Math.max(this.longestAnswerMs, tookMs);
      if (answer.status !== 503 && answer.status !== 0) return answer;
      this.#judge(answer, { path, tookMs });
      await delay(retryMs);
    }
  }

  #judge(
    { status, retryAfterSeconds }: ApiAnswer,
    { path, tookMs }: { readonly path: string; readonly tookMs: number },
  ): void {
    this.refusals += 1;
    const { alarms } = this.acknowledged;
    if (status === 0) alarms.push(`F22: POST ${path} was not answered; given up after ${Math.round(tookMs)} ms`);
    else if (retryAfterSeconds === null) alarms.push(`F22: POST ${path} was refused without Retry-After`);
  }
}

/** Nothing that could be compressed. */
function randomText(chars: number): string {
  return Array.from({ length: chars / 10 }, () => Math.random().toString(36).slice(2, 12).padEnd(10, "x")).join("");
}
