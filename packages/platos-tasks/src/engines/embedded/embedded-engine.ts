import type { PgBoss } from "pg-boss";
import type { OwnerKind } from "../../core/journal.ts";
import type { Engine, EngineRunView, Segment, SegmentHandler } from "../../core/ports/engine.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Notifications } from "../../core/ports/notifications.ts";
import type { SqlExecutor } from "../../core/ports/store.ts";
import type { Database } from "../../store/database.ts";
import { queueOf, startBoss } from "./boss.ts";
import { takeExpired } from "./expired-leases.ts";
import { databaseOf, Fetcher } from "./fetcher.ts";

export interface EmbeddedEngineOptions {
  readonly database: Database;
  readonly notifications: Notifications;
  readonly log: Log;
  /** Segments of each kind that this process runs at once; all zero for a process that only enqueues. */
  readonly slots: Readonly<Record<OwnerKind, number>>;
}

const cancelPrefix = "cancel:";

/** The engine on the product's own Postgres: pg-boss keeps the jobs and their leases, we fetch and run them. */
export class EmbeddedEngine implements Engine {
  readonly name = "embedded";
  readonly #options: EmbeddedEngineOptions;
  readonly #boss: PgBoss;
  #fetchers: ReadonlyMap<OwnerKind, Fetcher> = new Map();
  #unsubscribe: () => void = () => undefined;

  private constructor(options: EmbeddedEngineOptions, boss: PgBoss) {
    this.#options = options;
    this.#boss = boss;
  }

  static async open(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
    const supervises = Object.values(options.slots).some((slots) => slots > 0);
    const boss = await startBoss({ database: options.database, log: options.log, supervises });
    return new EmbeddedEngine(options, boss);
  }

  async enqueue(tx: SqlExecutor, ...segments: readonly Segment[]): Promise<void> {
    await Promise.all(
      byQueue(segments).map(([queue, ofKind]) => {
        const jobs = ofKind.map(({ id, ownerId }) => ({ id, data: { ownerId } }));
        return this.#boss.insert(queue, jobs, { db: databaseOf(tx) });
      }),
    );
  }

  wake(ownerKind: OwnerKind): void {
    // Whoever waits for the answer to the spawn goes first.
    setImmediate(() => {
      this.#fetchers.get(ownerKind)?.wake();
      this.#options.notifications.notify("segments");
    });
  }

  async cancel(tx: SqlExecutor, ...segments: readonly Segment[]): Promise<void> {
    await Promise.all(
      byQueue(segments).map(([queue, ofKind]) => {
        const ids = ofKind.map(({ id }) => id);
        return this.#boss.cancel(queue, ids, { db: databaseOf(tx) });
      }),
    );
  }

  interrupt(segment: Segment): void {
    this.#fetchers.get(segment.ownerKind)?.abort(segment.id);
    this.#options.notifications.notify("segments", cancelPrefix + segment.id);
  }

  async start(handler: SegmentHandler): Promise<void> {
    const { database, log, slots } = this.#options;
    const kinds = (Object.keys(slots) as OwnerKind[]).filter((ownerKind) => slots[ownerKind] > 0);
    this.#fetchers = new Map(
      kinds.map((ownerKind) => [
        ownerKind,
        new Fetcher({
          boss: this.#boss,
          takeExpired: (limit) => takeExpired(database, { ownerKind, limit }),
          ownerKind,
          slots: slots[ownerKind],
          handler,
          log,
        }),
      ]),
    );
    const wakeAll = (): void => {
      for (const fetcher of this.#fetchers.values()) fetcher.wake();
    };
    this.#unsubscribe = this.#options.notifications.subscribe(
      "segments",
      (payload) => {
        if (!payload.startsWith(cancelPrefix)) return wakeAll();
        for (const fetcher of this.#fetchers.values()) fetcher.abort(payload.slice(cancelPrefix.length));
      },
      wakeAll,
    );
  }

  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#unsubscribe();
    await Promise.all([...this.#fetchers.values()].map((fetcher) => fetcher.stop(graceMs)));
    await this.#boss.stop({ graceful: false, timeout: 1000 });
  }

  async describe(segment: Segment): Promise<EngineRunView> {
    const [job] = await this.#boss.findJobs(queueOf[segment.ownerKind], { id: segment.id });
    return { segmentId: segment.id, state: job === undefined ? "lost" : stateOf[job.state] };
  }
}

function byQueue(segments: readonly Segment[]): [queue: string, segments: readonly Segment[]][] {
  return Object.entries(Object.groupBy(segments, ({ ownerKind }) => queueOf[ownerKind]));
}

const stateOf = {
  created: "queued",
  retry: "queued",
  active: "active",
  completed: "done",
  cancelled: "lost",
  failed: "lost",
} as const satisfies Record<string, EngineRunView["state"]>;
