import { setTimeout as delay } from "node:timers/promises";
import { isStoreFailure } from "../../packages/platos-tasks/src/core/errors.ts";
import { wakeDue } from "../../packages/platos-tasks/src/operations/wake-due.ts";
import type { Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import type { FaultyChild } from "./faulty-child.ts";
import type { Lane } from "./lane.ts";
import { openProduct } from "./product-runtime.ts";
import { expireLeases, hasTakeover, openWork } from "./queue-surgery.ts";

const pollMs = 10;
/** A zombie that holds the locks of a transaction cannot be overtaken: it comes back after this long at the latest. */
const overtakenMs = 800;
const twoLeasesMs = 20_000;
const stopGraceMs = 1000;

export interface TakeoverOptions {
  readonly lane: Lane;
  readonly child: FaultyChild;
  /** Leases run out by themselves, and a frozen process stays away for two of them. */
  readonly inRealTime: boolean;
}

/** A healthy process beside the faulty one, opened when it is needed, and the end of the faulty one's leases. */
export class Takeover {
  readonly #options: TakeoverOptions;
  #healthy: Promise<Runtime> | null = null;
  #isBack = false;

  constructor(options: TakeoverOptions) {
    this.#options = options;
  }

  /** Lets the leases run out and the healthy process work. Tells whether work was taken from somebody. */
  async begin(): Promise<boolean> {
    const { lane, inRealTime } = this.#options;
    const isFirst = this.#healthy === null;
    this.#healthy ??= openProduct(lane.addresses, { role: "worker" });
    const healthy = await this.#healthy;
    const expired = inRealTime ? 0 : await expireLeases(lane.database);
    if (isFirst) await healthy.startWorker();
    for (const kind of ["bgo", "turn"] as const) healthy.engine.wake(kind);
    return expired > 0;
  }

  /**
   * The faulty process is frozen or held: another goes on, and the zombie comes back. `untilDone`: when everything has
   * been done without it; else in the middle, as soon as another has what it had.
   */
  async duringAbsence({ untilDone }: { readonly untilDone: boolean }): Promise<void> {
    const { lane, inRealTime } = this.#options;
    const absentMs = inRealTime ? twoLeasesMs : overtakenMs;
    const untilMs = performance.now() + absentMs;
    const begun = this.begin();
    // Not after the takeover: its first step may be to wait for a lock that the absent one holds.
    await Promise.race([begun, delay(absentMs)]);
    const mayComeBack = async (): Promise<boolean> => {
      if (inRealTime) return false;
      if (!untilDone && (await hasTakeover(lane.database))) return true;
      return (await openWork(lane.database)).length === 0;
    };
    while (performance.now() < untilMs && !(await mayComeBack())) await delay(untilDone ? pollMs : 1);
    this.#comeBack();
    await begun;
  }

  /** Time makes work due: the healthy process sees to it as well. */
  async wakeDue(): Promise<void> {
    if (this.#healthy === null) return;
    try {
      await wakeDue((await this.#healthy).operations);
    } catch (error) {
      // Behind the locks of an absent one it may wait too long; a worker, too, then looks again a second later.
      if (!isStoreFailure(error)) throw error;
    }
  }

  async close(): Promise<void> {
    if (!this.#isBack) this.#comeBack();
    await (await this.#healthy)?.stop({ graceMs: stopGraceMs });
  }

  #comeBack(): void {
    this.#isBack = true;
    this.#options.child.signal("SIGCONT");
    this.#options.child.release();
  }
}
