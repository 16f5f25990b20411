import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../core/ports/log.ts";

interface Part {
  readonly name: string;
  readonly close: () => Promise<void>;
}

/** What has been started, closed in the opposite order. One part that cannot be closed does not keep the others open. */
export class Shutdown {
  readonly #log: Log;
  readonly #parts: Part[] = [];
  readonly #closing = new Map<Part, Promise<boolean>>();

  constructor(log: Log) {
    this.#log = log;
  }

  add(name: string, close: () => Promise<void>): void {
    this.#parts.push({ name, close });
  }

  /** True when all of it closed in order. */
  async run(): Promise<boolean> {
    let isClean = true;
    for (const part of this.#parts.toReversed()) isClean = (await this.#close(part)) && isClean;
    return isClean;
  }

  /** Closes one part now, ahead of its turn, and waits for it for a limited time. */
  async runOnly(name: string, withinMs: number): Promise<void> {
    const part = this.#parts.find((each) => each.name === name);
    if (part !== undefined) await Promise.race([this.#close(part), delay(withinMs, undefined, { ref: false })]);
  }

  #close(part: Part): Promise<boolean> {
    const closing =
      this.#closing.get(part) ??
      part.close().then(
        () => true,
        (error: unknown) => {
          this.#log.error(`the ${part.name} could not be stopped in order`, { error: String(error) });
          return false;
        },
      );
    this.#closing.set(part, closing);
    return closing;
  }
}
