import { setTimeout as delay } from "node:timers/promises";
import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import { answerClient, type ClientAnswer, type ClientRequest } from "./client-request.ts";
import { type FaultyChild, ProcessLost, Refused } from "./faulty-child.ts";
import type { Lane } from "./lane.ts";

const pauseMs = 10;

export interface TrialClientOptions {
  readonly lane: Lane;
  readonly caller: Caller;
  readonly child: FaultyChild;
  /** Whether the fault will take the process away, so that nobody may wait for its answer. */
  readonly losesProcess: boolean;
}

/** Every answer that a request was given; a client that asked twice may have two. */
export interface Acknowledgement {
  readonly request: ClientRequest;
  readonly id: string;
}

/** A client as it should be: asks until there is an answer, of another process when its own is gone. */
export class TrialClient {
  readonly acknowledged: Acknowledgement[] = [];
  readonly #options: TrialClientOptions;

  constructor(options: TrialClientOptions) {
    this.#options = options;
  }

  async ask(request: ClientRequest): Promise<string> {
    for (;;) {
      try {
        return (await this.#askOnce(request)).id;
      } catch (error) {
        if (!mayAskAgain(error)) throw error;
        await delay(pauseMs);
      }
    }
  }

  async #askOnce(request: ClientRequest): Promise<ClientAnswer> {
    const { lane, caller, child, losesProcess } = this.#options;
    const isGone = !child.isAlive || (child.hasReached && losesProcess);
    const asked = isGone ? answerClient(lane.control.operations, caller, request) : child.ask(caller, request);
    // Also an answer that comes after nobody waits for it is a promise.
    const noted = asked.then((answer) => {
      this.acknowledged.push({ request, id: answer.id });
      return answer;
    });
    if (isGone || !losesProcess) return noted;
    noted.catch(() => undefined);
    const lost = child.reached.then(() => Promise.reject(new ProcessLost("The process does not answer any more.")));
    return Promise.race([noted, lost]);
  }
}

function mayAskAgain(error: unknown): boolean {
  if (error instanceof ProcessLost) return true;
  return (error instanceof Refused || PlatosError.is(error)) && error.retryable;
}
