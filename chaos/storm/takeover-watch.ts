import type { ProductMessage } from "../harness/product/product-messages.ts";

type Delivery = Extract<ProductMessage, { kind: "delivery" }>;

/** Measures how long what a killed worker was running lies still, until a worker is given it again. */
export class TakeoverWatch {
  /** From the kill to the next delivery, in milliseconds. */
  readonly tookMs: number[] = [];
  /** What runs in each slot: segment ids, since whoever has waited goes on under another one. */
  readonly #running = new Map<number, Set<string>>();
  readonly #killedAt = new Map<number, number>();
  readonly #orphans = new Map<string, number>();

  delivery(slot: number, { phase, segmentId }: Delivery): void {
    const running = this.#running.get(slot) ?? new Set();
    this.#running.set(slot, running);
    if (phase === "ended") {
      running.delete(segmentId);
      return;
    }
    running.add(segmentId);
    const orphanedAt = this.#orphans.get(segmentId);
    if (orphanedAt === undefined) return;
    this.#orphans.delete(segmentId);
    this.tookMs.push(performance.now() - orphanedAt);
  }

  killed(slot: number): void {
    this.#killedAt.set(slot, performance.now());
  }

  /** The slot's process has ended and everything it had said was heard. */
  gone(slot: number): void {
    const killedAt = this.#killedAt.get(slot);
    const running = this.#running.get(slot) ?? new Set();
    this.#killedAt.delete(slot);
    this.#running.delete(slot);
    if (killedAt === undefined) return;
    // What it had lost before to somebody who runs it now is no orphan.
    const elsewhere = new Set([...this.#running.values()].flatMap((segments) => [...segments]));
    for (const segmentId of running) if (!elsewhere.has(segmentId)) this.#orphans.set(segmentId, killedAt);
  }
}
