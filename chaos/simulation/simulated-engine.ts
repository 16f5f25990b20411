import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import type {
  DeliveryControls,
  Engine,
  EngineRunView,
  Segment,
  SegmentHandler,
} from "../../packages/platos-tasks/src/core/ports/engine.ts";
import type { SqlExecutor } from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { StoredJob } from "./simulated-rows.ts";
import type { SimulatedStorage } from "./simulated-store.ts";
import type { Statement } from "./statements.ts";

const stateOf = {
  created: "queued",
  retry: "queued",
  active: "active",
  completed: "done",
  cancelled: "lost",
} as const satisfies Record<StoredJob["state"], EngineRunView["state"]>;

export interface Running {
  readonly job: StoredJob;
  readonly abort: AbortController;
}

export interface SimulatedEngineOptions {
  readonly storage: SimulatedStorage;
  /** Single statements of the fiber whose engine this is. */
  readonly autocommit: SqlExecutor;
  /** Handlers at work in the whole world: hints reach those of other processes too. */
  readonly running: Set<Running>;
  /** False: hints get lost. */
  readonly hintsArrive: boolean;
}

/** A queue of jobs in the simulated database, as one process sees it. Leases run out when somebody says so. */
export class SimulatedEngine implements Engine {
  readonly name = "embedded";
  readonly #options: SimulatedEngineOptions;
  readonly #stopping = new AbortController();
  #handler: SegmentHandler = async () => undefined;

  constructor(options: SimulatedEngineOptions) {
    this.#options = options;
  }

  async enqueue(tx: SqlExecutor, ...segments: readonly Segment[]): Promise<void> {
    await this.#statementOn(tx)("jobs.insert", [], async (open) => {
      for (const { id, ownerId, ownerKind } of segments) {
        await open.insert("job", id, { id, ownerId, ownerKind, state: "created", deliveries: 0 });
      }
    });
  }

  wake(): void {
    // Workers here look for themselves.
  }

  async cancel(tx: SqlExecutor, ...segments: readonly Segment[]): Promise<void> {
    for (const { id } of segments) {
      await this.#move(tx, id, {
        match: ({ state }) => state === "created" || state === "retry" || state === "active",
        change: (job) => ({ ...job, state: "cancelled" }),
      });
    }
  }

  interrupt(segment: Segment): void {
    if (this.#options.hintsArrive) this.abort(segment.id);
  }

  async start(handler: SegmentHandler): Promise<void> {
    this.#handler = handler;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The worker is stopping."));
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async describe({ id }: Segment): Promise<EngineRunView> {
    const job = await this.#statementOn(this.#options.autocommit)("jobs.find", [], (tx) => tx.read("job", id));
    return { segmentId: id, state: job === null ? "lost" : stateOf[job.state] };
  }

  /** Takes the oldest waiting job and runs its handler. False when there was none. */
  async deliverOne(): Promise<boolean> {
    const job = await this.#statementOn(this.#options.autocommit)("jobs.fetch", [], async (tx) => {
      const isWaiting = ({ state }: StoredJob): boolean => state === "created" || state === "retry";
      const free = tx.all("job").find((row) => isWaiting(row) && !tx.isLockedByAnother("job", row.id));
      if (free === undefined) return null;
      const change = (row: StoredJob): StoredJob => ({ ...row, state: "active" });
      return tx.update("job", free.id, { match: isWaiting, change });
    });
    if (job === null) return false;
    await this.#run(job);
    return true;
  }

  async #run(job: StoredJob): Promise<void> {
    const running = { job, abort: new AbortController() };
    this.#options.running.add(running);
    const controls: DeliveryControls = {
      signal: running.abort.signal,
      stopping: this.#stopping.signal,
      hurrying: this.#stopping.signal,
      holdsLease: () =>
        this.#statementOn(this.#options.autocommit)("jobs.touch", [], (tx) => {
          const now = tx.read("job", job.id);
          return now?.state === "active" && now.deliveries === job.deliveries;
        }),
      // It was confirmed just now, whatever happens next: the worst that can be true of it.
      confirmLease: async () => undefined,
      complete: async (tx) => {
        await this.#move(tx, job.id, {
          match: ({ state, deliveries }) => state === "active" && deliveries === job.deliveries,
          change: (row) => ({ ...row, state: "completed" }),
        });
      },
    };
    try {
      await this.#handler({ id: job.id, ownerId: job.ownerId, ownerKind: job.ownerKind }, controls);
    } finally {
      this.#options.running.delete(running);
    }
  }

  /** The holder has been silent for too long: the job is delivered again, whether the holder lives or not. */
  async expireLease(jobId: string): Promise<void> {
    await this.#move(this.#options.autocommit, jobId, {
      match: ({ state }) => state === "active",
      change: (job) => ({ ...job, state: "retry", deliveries: job.deliveries + 1 }),
    });
    if (this.#options.hintsArrive) this.abort(jobId);
  }

  /** As after a restore of the queue from an older backup. */
  async loseJob(jobId: string): Promise<void> {
    await this.#statementOn(this.#options.autocommit)("jobs.lose", [], (tx) => tx.delete("job", jobId));
  }

  abort(segmentId: string): void {
    for (const { job, abort } of this.#options.running) {
      if (job.id === segmentId) abort.abort(superseded());
    }
  }

  async #move(
    tx: SqlExecutor,
    jobId: string,
    of: { readonly match: (job: StoredJob) => boolean; readonly change: (job: StoredJob) => StoredJob },
  ): Promise<void> {
    await this.#statementOn(tx)("jobs.update", [], (open) => open.update("job", jobId, of));
  }

  #statementOn(tx: SqlExecutor): Statement {
    const statement = this.#options.storage.statements.get(tx);
    if (statement === undefined) throw new Error("This transaction is not of this world.");
    return statement;
  }
}

function superseded(): PlatosError {
  return new PlatosError("segment.superseded", "This segment is no longer ours.");
}
