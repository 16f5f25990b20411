import type { PgBoss } from "pg-boss";
import { PlatosError } from "../../core/errors.ts";
import type { OwnerKind } from "../../core/journal.ts";
import type { DeliveryControls, SegmentHandler } from "../../core/ports/engine.ts";
import type { Log } from "../../core/ports/log.ts";
import type { SqlExecutor } from "../../core/ports/store.ts";
import { queueOf } from "./boss.ts";
import type { SegmentJob } from "./segment-job.ts";

/** A handler at work on one delivery. */
interface Running {
  readonly job: SegmentJob;
  readonly abort: AbortController;
  /** Before the queue was asked. */
  confirmedAt: Clocks;
}

/** The one stands still while the machine sleeps, the other one can be set: who wants to be sure asks both. */
interface Clocks {
  readonly steadyMs: number;
  readonly wallMs: number;
}

const clocksNow = (): Clocks => ({ steadyMs: performance.now(), wallMs: Date.now() });

export interface FetcherOptions {
  readonly boss: PgBoss;
  /** Takes up to so many segments from workers that have been silent for a lease. */
  readonly takeExpired: (limit: number) => Promise<readonly SegmentJob[]>;
  readonly ownerKind: OwnerKind;
  /** Segments that run at once. */
  readonly slots: number;
  readonly handler: SegmentHandler;
  readonly log: Log;
}

const pollMs = 2000;
const heartbeatMs = 2500;
/** A heartbeat and its answer, and less than the shortest lease. */
const confirmedForMs = 5000;
const errorPauseMs = 250;
const gatherMs = 10;
/**
 * Who has just got the database back does not judge others by their silence: they could not speak either. Long enough
 * for them to say that they are there, which they try every `errorPauseMs`; and no longer, since a database that keeps
 * going away would let nobody ever take over.
 */
const steadyMs = 700;

/**
 * Takes segments of one kind: as many as it has free slots with one query, woken by hints and by polling, and keeps
 * the leases of all of them with one heartbeat.
 */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #queue: string;
  // By delivery, not by segment: one whose lease was lost may come back here while its first handler still returns.
  readonly #active = new Set<Running>();
  readonly #stopping = new AbortController();
  readonly #hurrying = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  #heartbeatAgain: NodeJS.Timeout | null = null;
  #keepsFailing = false;
  #poll: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;
  /** Since when the database has answered every time; null: the last time it did not. */
  #steadySinceMs: number | null = Number.NEGATIVE_INFINITY;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isFetching = false;
  #isWoken = false;
  #idle: (() => void) | null = null;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#queue = queueOf[options.ownerKind];
    this.#heartbeat = setInterval(() => void this.#keepLeases(), heartbeatMs);
    this.wake();
  }

  /** Looks for segments now. */
  wake(): void {
    this.#isWoken = true;
    void this.#fetch();
  }

  /** Aborts the handler of a segment, if it runs here. */
  abort(segmentId: string): void {
    this.#abortAll(segmentId, "it was cancelled");
  }

  #abortAll(segmentId: string, why: string): void {
    for (const { job, abort } of this.#active) if (job.id === segmentId) abort.abort(superseded(why));
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#poll !== null) clearTimeout(this.#poll);
    if (this.#soon !== null) clearTimeout(this.#soon);
    const reason = new PlatosError("segment.superseded", "The worker is stopping.");
    this.#stopping.abort(reason);
    const hurry = setTimeout(() => this.#hurrying.abort(reason), graceMs / 2);
    await this.#drained(graceMs);
    for (const { abort } of this.#active) abort.abort(superseded("the worker has stopped"));
    await this.#drained(1000);
    clearTimeout(hurry);
    clearInterval(this.#heartbeat);
    if (this.#heartbeatAgain !== null) clearTimeout(this.#heartbeatAgain);
  }

  /** A fetch on its way counts too: what it brings must be given back, not left with nobody. */
  get #isIdle(): boolean {
    return this.#active.size === 0 && !this.#isFetching;
  }

  async #drained(withinMs: number): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #fetch(): Promise<void> {
    if (this.#isFetching || this.#stopping.signal.aborted) return;
    this.#isFetching = true;
    try {
      // Those who have lost their worker have waited for longer than the queue, and with a backlog it leaves them no slot.
      await this.#takeOver(pollMs);
      await this.#takeWaiting();
      // Between two polls those go first who were hinted at.
      await this.#takeOver(pollMs / 2);
      // Whoever was hinted at meanwhile is not left until the next poll.
      await this.#takeWaiting();
    } catch (error) {
      this.#steadySinceMs = null;
      this.#options.log.debug("segments could not be fetched; trying again", { error: String(error) });
    } finally {
      this.#isFetching = false;
      if (this.#isIdle) this.#idle?.();
      this.#scheduleNextPoll(this.#pauseMs());
    }
  }

  /** Who waits for the database looks again soon, and once more when it may take over. */
  #pauseMs(): number {
    if (this.#steadySinceMs === null) return errorPauseMs;
    const unsteadyMs = steadyMs - (performance.now() - this.#steadySinceMs);
    return unsteadyMs > 0 ? Math.ceil(unsteadyMs) : pollMs;
  }

  async #takeWaiting(): Promise<void> {
    while (this.#isWoken && this.#active.size < this.#options.slots && !this.#stopping.signal.aborted) {
      this.#isWoken = false;
      const batchSize = this.#options.slots - this.#active.size;
      const askedAt = clocksNow();
      const jobs = await this.#options.boss.fetch<SegmentJob["data"]>(this.#queue, { batchSize });
      for (const job of jobs) this.#deliver(job, askedAt);
      // A full batch: there may be more as soon as a slot is free.
      if (jobs.length === batchSize) this.#isWoken = true;
      this.#steadySinceMs ??= performance.now();
    }
  }

  /** With free slots, and when the last look is so long ago: takes over from workers that are gone. */
  async #takeOver(everyMs: number): Promise<void> {
    const nowMs = performance.now();
    const free = this.#options.slots - this.#active.size;
    if (this.#stopping.signal.aborted || free <= 0 || nowMs - this.#lookedAtMs < everyMs) return;
    if (this.#steadySinceMs === null || nowMs - this.#steadySinceMs < steadyMs) return;
    const askedAt = clocksNow();
    const jobs = await this.#options.takeExpired(free);
    for (const job of jobs) this.#deliver(job, askedAt);
    // As many as there was room for: there may be more.
    this.#lookedAtMs = jobs.length === free ? Number.NEGATIVE_INFINITY : nowMs;
  }

  /** With a backlog, slots come free one by one: a moment's patience fills several with one query. */
  #fetchSoon(): void {
    const free = this.#options.slots - this.#active.size;
    if (free * 4 >= this.#options.slots) {
      void this.#fetch();
      return;
    }
    this.#soon ??= setTimeout(() => {
      this.#soon = null;
      void this.#fetch();
    }, gatherMs);
  }

  #scheduleNextPoll(inMs: number): void {
    if (this.#poll !== null) clearTimeout(this.#poll);
    if (this.#stopping.signal.aborted) return;
    this.#poll = setTimeout(() => this.wake(), inMs);
  }

  #deliver(job: SegmentJob, confirmedAt: Clocks): void {
    const abort = new AbortController();
    const running: Running = { job, abort, confirmedAt };
    this.#abortAll(job.id, "its lease was lost and it was delivered again");
    this.#active.add(running);
    const controls: DeliveryControls = {
      signal: abort.signal,
      stopping: this.#stopping.signal,
      hurrying: this.#hurrying.signal,
      holdsLease: async () => (await this.#touch([running])).has(job.id),
      confirmLease: () => this.#confirmLease(running),
      complete: async (tx: SqlExecutor) => {
        await this.#options.boss.complete(this.#queue, attemptOf(job), null, { db: databaseOf(tx) });
      },
    };
    const segment = { id: job.id, ownerId: job.data.ownerId, ownerKind: this.#options.ownerKind };
    this.#options
      .handler(segment, controls)
      .catch((error: unknown) => {
        // Not completed, so its lease runs out and it is delivered again.
        this.#options.log.error("a segment's handler failed", { segmentId: job.id, error: String(error) });
      })
      .finally(() => this.#settled(running));
  }

  #settled(running: Running): void {
    this.#active.delete(running);
    if (this.#isIdle) this.#idle?.();
    if (this.#isWoken) this.#fetchSoon();
  }

  /** One statement for all; those that were not touched belong to somebody else by now. */
  async #keepLeases(): Promise<void> {
    const held = [...this.#active].filter(({ abort }) => !abort.signal.aborted);
    if (held.length === 0) return;
    try {
      const kept = await this.#touch(held);
      this.#keepsFailing = false;
      for (const running of held) {
        if (kept.has(running.job.id) || !this.#active.has(running)) continue;
        running.abort.abort(superseded("its lease was lost"));
      }
    } catch (error) {
      if (!this.#keepsFailing) {
        this.#options.log.warn("leases could not be kept; trying on", { error: String(error) });
      }
      this.#keepsFailing = true;
      this.#heartbeatAgain ??= setTimeout(() => {
        this.#heartbeatAgain = null;
        void this.#keepLeases();
      }, errorPauseMs);
    }
  }

  /** Our clocks say only when to ask: what was frozen goes on before it has heard that its lease is lost. */
  async #confirmLease(running: Running): Promise<void> {
    const [now, then] = [clocksNow(), running.confirmedAt];
    if (Math.max(now.steadyMs - then.steadyMs, now.wallMs - then.wallMs) < confirmedForMs) return;
    if ((await this.#touch([running])).has(running.job.id)) return;
    running.abort.abort(superseded("its lease was lost"));
    throw running.abort.signal.reason;
  }

  /** Renews leases; gives the ids of those that were still ours. */
  async #touch(held: readonly Running[]): Promise<ReadonlySet<string>> {
    const askedAt = clocksNow();
    const touched: unknown = await this.#options.boss.touch(
      this.#queue,
      held.map(({ job }) => attemptOf(job)),
    );
    const kept = new Set(settledIds(touched));
    for (const running of held) if (kept.has(running.job.id)) running.confirmedAt = askedAt;
    return kept;
  }
}

function attemptOf(job: SegmentJob): { id: string; retryCount: number } {
  return { id: job.id, retryCount: job.retryCount };
}

/** The published type of this answer is empty; at run time it lists the ids that were changed. */
function settledIds(response: unknown): readonly string[] {
  if (typeof response !== "object" || response === null || !("settled" in response)) return [];
  return Array.isArray(response.settled) ? response.settled.map(String) : [];
}

export function databaseOf(tx: SqlExecutor): { executeSql: SqlExecutor["executeSql"] } {
  return { executeSql: (text, values) => tx.executeSql(text, values) };
}

function superseded(why: string): PlatosError {
  return new PlatosError("segment.superseded", `This segment is no longer ours: ${why}.`);
}
