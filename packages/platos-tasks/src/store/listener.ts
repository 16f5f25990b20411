import pg from "pg";
import type { Log } from "../core/ports/log.ts";
import type { Channel, Notifications } from "../core/ports/notifications.ts";
import type { Database } from "./database.ts";

export interface ListenerOptions {
  readonly connectionString: string;
  readonly database: Database;
  readonly log: Log;
}

interface Subscriber {
  readonly onHint: (payload: string) => void;
  readonly onMissed: (() => void) | undefined;
}

const channelPrefix = "platos_";
const hintIntervalMs = 40;
const reconnectMs = 1000;
// A connection can die without a word (a firewall, a proxy): a statement now and then finds out.
const probeMs = 20_000;

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
    await client?.end().catch(() => undefined);
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
      connectionTimeoutMillis: 5000,
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
      const timeout = setTimeout(() => this.#lost(client), 5000);
      client.query("select 1").then(
        () => clearTimeout(timeout),
        () => {
          clearTimeout(timeout);
          this.#lost(client);
        },
      );
    }, probeMs);
    this.#probe.unref();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.end().catch(() => undefined);
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
