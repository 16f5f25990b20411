import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { Log } from "../core/ports/log.ts";
import type { Channel, Notifications } from "../core/ports/notifications.ts";
import type { Database } from "./database.ts";

export interface ListenerOptions {
  readonly connectionString: string;
  readonly database: Database;
  readonly log: Log;
  /** How often the connection is asked whether it is there; absent: often enough. */
  readonly probeMs?: number;
  /** A connection that has not answered for so long is dead. */
  readonly silenceMs?: number;
}

interface Subscriber {
  readonly onHint: (payload: string) => void;
  readonly onMissed: (() => void) | undefined;
}

const channelPrefix = "platos_";
const hintIntervalMs = 40;
const reconnectMs = 1000;
// A connection can die without a word (a firewall, a proxy): a statement now and then finds out.
const defaultProbeMs = 20_000;
const defaultSilenceMs = 5000;
/** For a goodbye, which a connection that died without a word never takes. */
const goodbyeMs = 1000;

/** LISTEN/NOTIFY on one connection of its own, reconnected for as long as somebody subscribes. */
export class Listener implements Notifications {
  readonly #options: ListenerOptions;
  readonly #subscribers = new Map<Channel, Set<Subscriber>>();
  readonly #hints = new Map<Channel, { again: boolean }>();
  #client: pg.Client | null = null;
  #retry: NodeJS.Timeout | null = null;
  #probe: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  notify(channel: Channel, payload?: string): void {
    if (payload !== undefined) {
      this.#send(channel, payload);
      return;
    }
    const running = this.#hints.get(channel);
    if (running !== undefined) {
      // One more follows at the end of the interval: the last hint must not be swallowed.
      running.again = true;
      return;
    }
    this.#send(channel, "");
    const hint = { again: false };
    this.#hints.set(channel, hint);
    setTimeout(() => {
      this.#hints.delete(channel);
      if (hint.again) this.notify(channel);
    }, hintIntervalMs).unref();
  }

  subscribe(channel: Channel, onHint: (payload: string) => void, onMissed?: () => void): () => void {
    const subscriber = { onHint, onMissed };
    const subscribers = this.#subscribers.get(channel) ?? new Set();
    subscribers.add(subscriber);
    this.#subscribers.set(channel, subscribers);
    void this.#connect();
    return () => subscribers.delete(subscriber);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#probe !== null) clearInterval(this.#probe);
    const client = this.#client;
    this.#client = null;
    if (client !== null) await leave(client);
  }

  get #silenceMs(): number {
    return this.#options.silenceMs ?? defaultSilenceMs;
  }

  #send(channel: Channel, payload: string): void {
    if (this.#closed) return;
    this.#options.database
      .query("select pg_notify($1, $2)", [channelPrefix + channel, payload])
      .catch(() => this.#options.log.debug("a hint could not be sent", { channel }));
  }

  async #connect(): Promise<void> {
    if (this.#client !== null || this.#closed) return;
    const client = new pg.Client({
      connectionString: this.#options.connectionString,
      keepAlive: true,
      connectionTimeoutMillis: this.#silenceMs,
      // Also for the very first statement: nobody would ever try again while it waits for its answer.
      query_timeout: this.#silenceMs,
      application_name: "platos-tasks listener",
    });
    this.#client = client;
    client.on("error", () => this.#lost(client));
    client.on("end", () => this.#lost(client));
    client.on("notification", (hint) => this.#deliver(hint.channel, hint.payload ?? ""));
    try {
      await client.connect();
      await client.query(
        ["events", "segments", "deltas"].map((channel) => `listen ${channelPrefix}${channel}`).join("; "),
      );
      this.#startProbe(client);
      this.#tellMissed();
    } catch {
      this.#lost(client);
    }
  }

  #startProbe(client: pg.Client): void {
    if (this.#probe !== null) clearInterval(this.#probe);
    this.#probe = setInterval(() => {
      client.query("select 1").catch(() => this.#lost(client));
    }, this.#options.probeMs ?? defaultProbeMs);
    this.#probe.unref();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    void leave(client);
    if (this.#closed) return;
    this.#options.log.warn("the connection that listens for hints was lost; looking by ourselves until it is back");
    this.#retry = setTimeout(() => void this.#connect(), reconnectMs);
    this.#retry.unref();
  }

  #deliver(name: string, payload: string): void {
    const channel = name.slice(channelPrefix.length) as Channel;
    for (const subscriber of this.#subscribers.get(channel) ?? []) subscriber.onHint(payload);
  }

  #tellMissed(): void {
    for (const subscribers of this.#subscribers.values()) {
      for (const subscriber of subscribers) subscriber.onMissed?.();
    }
  }
}

async function leave(client: pg.Client): Promise<void> {
  const hasLeft = client.end().catch(() => undefined);
  await Promise.race([hasLeft, delay(goodbyeMs, undefined, { ref: false })]);
  // What is still open then must not keep the process. The published types lack it.
  (client as pg.Client & { unref(): void }).unref();
}
