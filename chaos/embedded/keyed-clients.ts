import { setTimeout as delay } from "node:timers/promises";
import type { StubReply } from "../../packages/platos-tasks/src/testing/openai-stub.ts";
import { type ApiAnswer, type ApiCaller, type ApiRequest, textAt } from "../harness/outside/api-caller.ts";
import type { ModelCall } from "../harness/outside/model-stub.ts";
import { Random } from "../harness/random.ts";
import type { Acknowledged, AcknowledgedSpawn } from "../harness/evidence/acknowledged.ts";

const agent = "assistant";
const retryMs = 60;
const giveUpMs = 120_000;
const threads = 2;

/** Up to two rounds of a tool, then a result: enough for a kill to fall in the middle. */
export function lightScript(seed: number): (call: ModelCall) => StubReply {
  return ({ tag, turn }) => {
    const delayMs = Math.round(Random.of(seed, "model", tag, turn).between(5, 80));
    if (turn >= Random.of(seed, "rounds", tag).index(3)) return { text: `Done with ${tag}.`, delayMs };
    return { delayMs, toolCalls: [{ name: "report_progress", args: { message: `round ${turn}` } }] };
  };
}

/** Clients that spawn under keys and ask again until they are acknowledged. */
export class KeyedClients {
  readonly acknowledged: Acknowledged = { spawns: [], cancels: [], deletedThreads: new Set(), alarms: [] };
  readonly #api: ApiCaller;
  readonly #random: Random;
  readonly #threads: string[] = [];
  #hasGivenUp = false;
  #asked = 0;

  constructor(api: ApiCaller, random: Random) {
    this.#api = api;
    this.#random = random;
  }

  /** The same clients, who know what was acknowledged, before a copy of the home they know. */
  continuedAt(api: ApiCaller, random: Random): KeyedClients {
    const clients = new KeyedClients(api, random);
    clients.acknowledged.spawns.push(...this.acknowledged.spawns);
    clients.#threads.push(...this.#threads);
    clients.#asked = this.#asked;
    return clients;
  }

  /** Nobody has made their threads yet. */
  get isNew(): boolean {
    return this.#threads.length === 0;
  }

  /** Makes the threads. */
  async open(): Promise<void> {
    for (let count = 0; count < threads; count += 1) {
      const { status, body } = await this.#ask({ method: "POST", path: "/threads", body: { agent } });
      const id = textAt(body, "id");
      if (id === null) throw new Error(`A thread could not be made: ${status} ${JSON.stringify(body)}`);
      this.#threads.push(id);
    }
  }

  /** Several at once, each with pauses, until the signal; resolves with the last answer. */
  async run(count: number, signal: AbortSignal): Promise<void> {
    const one = async (): Promise<void> => {
      while (!signal.aborted && !this.#hasGivenUp) {
        await this.spawn();
        await delay(this.#random.between(40, 160), undefined, { signal }).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: count }, one));
  }

  /** Null when nobody acknowledged it. `fill` makes the prompt longer by so many characters. */
  async spawn({ fill = 0 }: { readonly fill?: number } = {}): Promise<AcknowledgedSpawn | null> {
    this.#asked += 1;
    const name = `job ${this.#asked}`;
    const key = `key-${this.#asked}`;
    const prompt = `Do it. [[${name}]]${" again".repeat(fill / 6)}`;
    const threadId = this.#threads[this.#asked % this.#threads.length] ?? "";
    const body = { threadId, prompt, budget: { maxTurns: 8 } };
    const answer = await this.#ask({ method: "POST", path: "/platos-tasks", body, idempotencyKey: key });
    const bgoId = textAt(answer.body, "bgoId");
    if (bgoId === null) {
      if (!this.#hasGivenUp)
        this.acknowledged.alarms.push(
          `I1: the spawn ${key} was answered ${answer.status} ${JSON.stringify(answer.body)}`,
        );
      return null;
    }
    const spawned = { key, threadId, prompt, bgoId, atMs: Date.now() };
    this.acknowledged.spawns.push(spawned);
    return spawned;
  }

  /** Nobody is there who could answer: whoever asks stops asking. */
  giveUp(): void {
    this.#hasGivenUp = true;
  }

  async #ask(request: ApiRequest): Promise<ApiAnswer> {
    const until = performance.now() + giveUpMs;
    for (;;) {
      const answer = await this.#api.call(request);
      const isUnknown = answer.status === 0 || answer.status === 503 || answer.status === 429;
      if (!isUnknown || this.#hasGivenUp || performance.now() > until) return answer;
      await delay(retryMs);
    }
  }
}
