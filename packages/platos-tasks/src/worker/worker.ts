import { isStoreFailure } from "../core/errors.ts";
import type { DeliveryControls, Segment } from "../core/ports/engine.ts";
import { recoverLost } from "../operations/recover-lost.ts";
import { releaseForgotten } from "../operations/schedules/release-held.ts";
import { wakeDue } from "../operations/wake-due.ts";
import { Periodic } from "./periodic.ts";
import { runBgoSegment } from "./run-bgo-segment.ts";
import { runTurnSegment } from "./run-turn-segment.ts";
import type { WorkerContext } from "./worker-context.ts";

const wakeDueMs = 1000;
const recoverLostMs = 20_000;
const storeRetryMs = 500;
/** Longer than a segment's lease: after that the engine has given it to somebody else. */
const storePatienceMs = 60_000;

/** Takes segments from the engine and runs them, and does the small periodic work that makes time count. */
export class Worker {
  readonly #ctx: WorkerContext;
  readonly #periodic: readonly Periodic[];

  constructor(ctx: WorkerContext, housekeeping: readonly Periodic[] = []) {
    this.#ctx = ctx;
    const { log, operations } = ctx;
    this.#periodic = [
      new Periodic({ name: "wake due", everyMs: wakeDueMs, log, run: () => wakeDue(operations) }),
      new Periodic({ name: "recover lost", everyMs: recoverLostMs, log, run: () => recoverLost(operations) }),
      new Periodic({ name: "release held", everyMs: recoverLostMs, log, run: () => releaseForgotten(operations) }),
      ...housekeeping,
    ];
  }

  async start(): Promise<void> {
    await this.#ctx.operations.engine.start((segment, controls) => this.#run(segment, controls));
    for (const periodic of this.#periodic) periodic.start();
  }

  async stop(graceMs: number): Promise<void> {
    // At once: what runs is given back while there is time for it, however long a round of periodic work takes.
    await Promise.all([
      ...this.#periodic.map((periodic) => periodic.stop()),
      this.#ctx.operations.engine.stop({ graceMs }),
    ]);
  }

  /**
   * Runs a segment. When the database goes away in the middle, waits for it and takes the segment up again from the
   * journal, under a new epoch: what was committed is then known, and nothing is written twice.
   */
  async #run(segment: Segment, controls: DeliveryControls): Promise<void> {
    const { clock, log } = this.#ctx;
    const run = segment.ownerKind === "bgo" ? runBgoSegment : runTurnSegment;
    for (let resumptions = 0; resumptions * storeRetryMs < storePatienceMs; resumptions += 1) {
      try {
        await run(this.#ctx, segment, controls, resumptions);
        return;
      } catch (error) {
        // Who is stopping goes on as well, for as long as it has: what it gives back in order is no crash.
        if (!isStoreFailure(error) || controls.signal.aborted) throw error;
        if (resumptions === 0) log.warn("the database is away; a segment waits for it", { segmentId: segment.id });
        await clock.sleep(storeRetryMs, controls.signal);
      }
    }
  }
}
