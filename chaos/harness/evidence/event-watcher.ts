import { setTimeout as delay } from "node:timers/promises";
import { SseParser } from "../../../packages/client/src/sse.ts";
import type { ApiCaller } from "../outside/api-caller.ts";
import type { Random } from "../random.ts";

/** An event's place in the log, as its cursor tells it. */
export interface EventPlace {
  readonly xid: bigint;
  readonly id: bigint;
}

/** What one stretch between two resyncs showed: everything after `from` up to the last one. */
export interface SeenStretch {
  readonly from: EventPlace;
  readonly places: EventPlace[];
}

export interface EventWatcherOptions {
  readonly api: ApiCaller;
  readonly topics: readonly string[];
  readonly random: Random;
  readonly signal: AbortSignal;
  /** From and to how long a connection lasts; 300 and 6000 when absent. */
  readonly connectedMs?: readonly [number, number];
}

const usuallyConnectedMs = [300, 6000] as const;
/** Until a busy machine has answered; after that somebody is frozen. */
const answerMs = 6000;

/** A live client that keeps losing its connection and comes back with the last id it has seen. */
export class EventWatcher {
  readonly topics: readonly string[];
  readonly stretches: SeenStretch[] = [];
  readonly counts = { connections: 0, resyncs: 0 };
  readonly #options: EventWatcherOptions;
  #lastId: string | null = null;

  constructor(options: EventWatcherOptions) {
    this.#options = options;
    this.topics = options.topics;
  }

  async run(): Promise<void> {
    const { signal, random, connectedMs = usuallyConnectedMs } = this.#options;
    while (!signal.aborted) {
      await this.#connectFor(Math.round(random.between(...connectedMs)));
      await delay(random.between(20, 300), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Follows once more, long enough to see the end of the log. */
  catchUp(forMs: number): Promise<void> {
    return this.#connectFor(forMs);
  }

  async #connectFor(ms: number): Promise<void> {
    const { api, topics } = this.#options;
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const drop = new AbortController();
    let timer = setTimeout(() => drop.abort(), answerMs);
    try {
      const response = await api.stream(`/events?topics=${topics.join(",")}`, {
        lastEventId: this.#lastId,
        signal: drop.signal,
      });
      clearTimeout(timer);
      timer = setTimeout(() => drop.abort(), ms);
      if (response.status >= 500 && response.status !== 503) api.alarms.push(`the events answered ${response.status}`);
      if (!response.ok || response.body === null) return;
      this.counts.connections += 1;
      for await (const piece of response.body) {
        for (const block of parser.push(decoder.decode(piece, { stream: true }))) this.#take(block);
      }
    } catch {
      // Dropped, by us or by them.
    } finally {
      clearTimeout(timer);
      drop.abort();
    }
  }

  #take({ id, data }: { readonly id: string | null; readonly data: string | null }): void {
    const place = id === null ? null : placeOf(id);
    if (place === null) return;
    this.#lastId = id;
    const isResync = data !== null && (JSON.parse(data) as { readonly type: string }).type === "resync";
    if (isResync) this.counts.resyncs += 1;
    if (isResync || this.stretches.length === 0) this.stretches.push({ from: place, places: [] });
    if (data !== null && !isResync) this.stretches.at(-1)?.places.push(place);
  }
}

function placeOf(cursor: string): EventPlace | null {
  const [, xid, id] = /^[^-]+-(\d+)-(\d+)$/u.exec(cursor) ?? [];
  return xid === undefined || id === undefined ? null : { xid: BigInt(xid), id: BigInt(id) };
}

export function comparePlaces(left: EventPlace, right: EventPlace): number {
  if (left.xid !== right.xid) return left.xid < right.xid ? -1 : 1;
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}
