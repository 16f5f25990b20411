import type { Scheduler } from "fast-check";

/** What befalls a commit: `lost` before the server saw it, `unheard` after it was done, `undecided` until a little later. */
export type CommitFault = "lost" | "unheard" | "undecided";

export interface FiberFate {
  /** The scheduling point, counted from 1, at which its process dies; absent: it lives. */
  readonly diesAt?: number;
  /** What happens to its n-th commit, counted from 1. */
  readonly faults?: ReadonlyMap<number, CommitFault>;
}

/**
 * One process of a simulated world. Between any two of its scheduling points nothing else happens; at each of them the
 * scheduler may let every other fiber go first.
 */
export class Fiber {
  readonly name: string;
  readonly #scheduler: Scheduler | null;
  readonly #fate: FiberFate;
  readonly #onDeath = new Set<() => void>();
  readonly #died = Promise.withResolvers<void>();
  #points = 0;
  #commits = 0;
  #faultsMet = 0;
  #isDead = false;

  /** Without a scheduler it is alone in its world, and runs straight on. */
  constructor(name: string, scheduler: Scheduler | null, fate: FiberFate = {}) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#fate = fate;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** How often it has stood at a scheduling point. */
  get points(): number {
    return this.#points;
  }

  /** How many of its commits something has befallen. */
  get faultsMet(): number {
    return this.#faultsMet;
  }

  /** Resolves when its turn comes; never again once it is dead. */
  async point(label: string): Promise<void> {
    this.#points += 1;
    if (this.#points === this.#fate.diesAt) this.#die();
    if (!this.#isDead) await this.#scheduler?.schedule(Promise.resolve(), `${this.name}: ${label}`);
    if (this.#isDead) await new Promise<never>(() => undefined);
  }

  /** What befalls the commit that is about to be made. */
  nextCommit(): CommitFault | null {
    this.#commits += 1;
    const fault = this.#fate.faults?.get(this.#commits) ?? null;
    if (fault !== null) this.#faultsMet += 1;
    return fault;
  }

  /** Runs until it is done or the fiber dies. An error that it lets out is thrown. */
  async run(work: () => Promise<unknown>): Promise<void> {
    await Promise.race([work(), this.#died.promise]);
  }

  /** Something to undo when it dies; the answer takes it back. */
  onDeath(undo: () => void): () => void {
    this.#onDeath.add(undo);
    return () => this.#onDeath.delete(undo);
  }

  #die(): void {
    this.#isDead = true;
    for (const undo of this.#onDeath) undo();
    this.#died.resolve();
  }
}
