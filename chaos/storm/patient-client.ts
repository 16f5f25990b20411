import { setTimeout as delay } from "node:timers/promises";
import type { ApiAnswer, ApiCaller, ApiRequest } from "../harness/outside/api-caller.ts";
import type { Random } from "../harness/random.ts";

const retryMs = 120;
/** Faults are over by then, and every process has had its time to start. */
const patienceMs = 90_000;

/** Somebody who uses the API during a storm and asks again until there is an answer. */
export class PatientClient {
  readonly #api: ApiCaller;
  readonly #over: AbortSignal;
  #overAtMs: number | null = null;

  /** `over`: aborted when the storm is. */
  constructor(api: ApiCaller, over: AbortSignal) {
    this.#api = api;
    this.#over = over;
    over.addEventListener("abort", () => (this.#overAtMs = performance.now()), { once: true });
  }

  get isOver(): boolean {
    return this.#over.aborted;
  }

  /** Resolves early when the storm is over. */
  pause(random: Random, fromMs: number, toMs: number): Promise<void> {
    return delay(random.between(fromMs, toMs), undefined, { signal: this.#over }).catch(() => undefined);
  }

  /**
   * Asks until the answer says what became of it. An unknown outcome is asked about under the same key. Fails when there
   * is no answer long after the storm.
   */
  async ask(request: ApiRequest): Promise<ApiAnswer> {
    for (;;) {
      const answer = await this.#api.call(request);
      if (answer.status !== 0 && answer.status !== 503 && answer.status !== 429) return answer;
      if (this.#overAtMs !== null && performance.now() - this.#overAtMs > patienceMs) {
        throw new Error(
          `I18: ${request.method} ${request.path} is answered ${answer.status} ${patienceMs / 1000} s after the storm`,
        );
      }
      await delay(retryMs);
    }
  }
}
