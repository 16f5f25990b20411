import { setImmediate, setTimeout as delay } from "node:timers/promises";
import type { Failpoint, FailpointAction, Moment, Point, PointKind } from "./failpoint.ts";

/** What the gate does to its own process; the harness sees to the rest. */
export interface FailpointEffects {
  /** Told before the action is taken. Must be out before this returns: the process may be dead a moment later. */
  reached(failpoint: Failpoint): void;
  /** Ends the process, or freezes it and returns when it goes on. */
  signal(signal: "SIGKILL" | "SIGSTOP"): void;
  /** Resolves when the harness lets a held call go on. */
  released(): Promise<void>;
}

/** How a call of the port fails: refused before it happened, or lost after it did. */
export interface CallErrors {
  readonly refused: () => Error;
  readonly lost: () => Error;
}

/** Counts every named call that passes and lets one thing go wrong at one of them. */
export class FailpointGate {
  readonly #effects: FailpointEffects;
  readonly #seen = new Map<string, { readonly kind: PointKind; hits: number; readonly failed: number[] }>();
  #plan: Failpoint | null;

  constructor(effects: FailpointEffects, plan: Failpoint | null = null) {
    this.#effects = effects;
    this.#plan = plan;
  }

  /** Every point that was passed and how often, in the order of first use. */
  get seen(): readonly SeenPoint[] {
    return [...this.#seen].map(([name, { kind, hits, failed }]) => ({ name, kind, hits, failed }));
  }

  /** A call that begins now. */
  enter(point: Point, errors: CallErrors): Passage {
    const entry = this.#seen.get(point.name) ?? { kind: point.kind, hits: 0, failed: [] };
    this.#seen.set(point.name, entry);
    entry.hits += 1;
    const plan = this.#plan;
    if (plan === null || plan.name !== point.name || plan.hit !== entry.hits) return freePassage;
    this.#plan = null;
    return new FaultyPassage(plan, { kind: point.kind, effects: this.#effects, errors });
  }

  async pass<Result>(point: Point, errors: CallErrors, call: () => Promise<Result>): Promise<Result> {
    const passage = this.enter(point, errors);
    const hit = this.#seen.get(point.name)?.hits ?? 0;
    // Not later than it would be: within a transaction a statement that comes late is refused.
    const held = passage.before();
    if (held !== undefined) await held;
    const result = await call().catch((error: unknown) => {
      this.#seen.get(point.name)?.failed.push(hit);
      throw error;
    });
    await passage.after();
    return result;
  }
}

export interface SeenPoint extends Point {
  readonly hits: number;
  /** The hits that failed by themselves: nothing comes after those. */
  readonly failed: readonly number[];
}

/** The two ends of one call. */
export interface Passage {
  /** Right before the call is made; of a transaction, before it commits. */
  before(): Promise<void> | undefined;
  after(): Promise<void>;
}

const freePassage: Passage = { before: () => undefined, async after() {} };

/** Long enough that a request has left, short enough that its answer is not here. */
const requestLeftMs = 2;

class FaultyPassage implements Passage {
  readonly #failpoint: Failpoint;
  readonly #kind: PointKind;
  readonly #effects: FailpointEffects;
  readonly #errors: CallErrors;
  #hasActed = false;

  constructor(
    failpoint: Failpoint,
    of: { readonly kind: PointKind; readonly effects: FailpointEffects; readonly errors: CallErrors },
  ) {
    this.#failpoint = failpoint;
    this.#kind = of.kind;
    this.#effects = of.effects;
    this.#errors = of.errors;
  }

  before(): Promise<void> | undefined {
    const { moment, action } = this.#failpoint;
    if (moment === "before") return this.#act(action);
    if (moment === "during") void this.#sent().then(() => this.#act(action));
    return undefined;
  }

  /** The call is made right after `before`: a statement leaves in this turn of the event loop, a request soon. */
  #sent(): Promise<unknown> {
    return this.#kind === "model" || this.#kind === "tool" ? delay(requestLeftMs) : setImmediate();
  }

  async after(): Promise<void> {
    const { moment, action } = this.#failpoint;
    if (isAfterwards(moment)) await this.#act(action);
  }

  /** Once: a transaction that is tried again passes here again. */
  #act(action: FailpointAction): Promise<void> | undefined {
    if (this.#hasActed) return undefined;
    this.#hasActed = true;
    this.#effects.reached(this.#failpoint);
    switch (action) {
      case "kill":
        this.#effects.signal("SIGKILL");
        return undefined;
      case "stop":
        this.#effects.signal("SIGSTOP");
        return undefined;
      case "hold":
        return this.#effects.released();
      case "throw":
        throw this.#errors.refused();
      case "lose":
        throw this.#errors.lost();
    }
  }
}

function isAfterwards(moment: Moment): boolean {
  return moment === "after" || moment === "on_acknowledgement";
}
