import { describe, expect, test } from "vitest";

import { verifies } from "../../../spec/verifies.ts";
import { createConnection } from "./connection.ts";
import type { PlatosEvent } from "./event.ts";
import { subscribe } from "./subscribe.ts";
import type { ConnectionState, SubscribeOptions } from "./subscribe.ts";

const encoder = new TextEncoder();

function stream(...chunks: readonly string[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

function stored(id: string, type = "resync"): string {
  return `id: ${id}\ndata: ${JSON.stringify({ id, type, at: "2026-01-01T00:00:00Z" })}\n\n`;
}

interface Followed {
  readonly events: PlatosEvent[];
  readonly states: ConnectionState[];
  readonly cursors: string[];
  readonly requests: { readonly url: string; readonly lastEventId: string | null }[];
}

/** Answers one request after the other and aborts when there is none left. */
async function follow(
  answers: readonly (() => Response)[],
  options: Partial<SubscribeOptions> = {},
): Promise<Followed> {
  const followed: Followed = { events: [], states: [], cursors: [], requests: [] };
  const abort = new AbortController();
  const connection = createConnection({
    baseUrl: "",
    fetch: async (input, init) => {
      const answer = answers[followed.requests.length];
      followed.requests.push({ url: String(input), lastEventId: new Headers(init?.headers).get("last-event-id") });
      if (answer === undefined) {
        abort.abort();
        throw new TypeError("gone");
      }
      return answer();
    },
  });
  await subscribe(connection, {
    topics: ["bgos", "thread:thr_1"],
    onEvent: (event) => followed.events.push(event),
    onState: (state) => followed.states.push(state),
    onCursor: (cursor) => followed.cursors.push(cursor),
    signal: abort.signal,
    timers: { delay: () => Promise.resolve(), random: () => 1 },
    ...options,
  });
  return followed;
}

describe("following topics", () => {
  test("a lost connection is taken up after the last event, and repeats are dropped", async () => {
    verifies("P13.a", "P36");
    const { events, requests, states } = await follow([
      () => stream(stored("1"), stored("2")),
      () => stream(stored("2"), stored("3")),
    ]);
    expect(events.map((event) => ("id" in event ? event.id : null))).toEqual(["1", "2", "3"]);
    expect(requests.map((request) => request.lastEventId)).toEqual([null, "2", "3"]);
    expect(requests[0]?.url).toBe("/api/v1/events?topics=bgos,thread%3Athr_1");
    expect(states.map((state) => state.name)).toEqual([
      "connecting",
      "live",
      "reconnecting",
      "live",
      "reconnecting",
      "closed",
    ]);
  });

  test("begins after the given cursor", async () => {
    const { requests } = await follow([() => stream()], { after: "41" });
    expect(requests[0]).toEqual({ url: "/api/v1/events?topics=bgos,thread%3Athr_1&after=41", lastEventId: "41" });
  });

  test("waits longer after each failure and starts over once it was live", async () => {
    const refuse = (): Response => new Response(null, { status: 503 });
    const { states } = await follow([refuse, refuse, refuse, () => stream("retry: 200\n\n")]);
    const waits = states.flatMap((state) => (state.name === "reconnecting" ? [state.retryInMs] : []));
    expect(waits).toEqual([1_000, 2_000, 4_000, 200]);
  });

  test("stops for good when the server refuses", async () => {
    const { states, requests } = await follow([
      () => Response.json({ title: "Unauthorized", status: 401, code: "key.invalid" }, { status: 401 }),
    ]);
    expect(requests).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ name: "closed", error: { status: 401, code: "key.invalid" } });
  });

  test("an id without data moves the cursor", async () => {
    const { cursors, requests, events } = await follow([() => stream("id: 5\n\n")]);
    expect(events).toEqual([]);
    expect(cursors).toEqual(["5"]);
    expect(requests[1]?.lastEventId).toBe("5");
  });

  test("text that is being written has no id, leaves the cursor and is never taken for a repeat", async () => {
    const delta = `data: ${JSON.stringify({ type: "message.delta", text: "a" })}\n\n`;
    const { events, cursors } = await follow([() => stream(stored("1"), delta, delta)]);
    expect(events.map((event) => event.type)).toEqual(["resync", "message.delta", "message.delta"]);
    expect(cursors).toEqual(["1"]);
  });

  test("a character cut in two arrives whole, broken JSON is skipped", async () => {
    const bytes = encoder.encode(stored("1", "é"));
    const cut = bytes.indexOf(0xc3) + 1;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode("data: {oops\n\n"));
        controller.enqueue(bytes.slice(0, cut));
        controller.enqueue(bytes.slice(cut));
        controller.close();
      },
    });
    const { events } = await follow([() => new Response(body)]);
    expect(events.map((event) => event.type)).toEqual(["é"]);
  });

  test("a connection that falls silent is given up", async () => {
    const silent = (): Response => new Response(new ReadableStream<Uint8Array>({ start: () => undefined }));
    const { requests, states } = await follow([silent], { idleTimeoutMs: 1 });
    expect(requests).toHaveLength(2);
    expect(states.map((state) => state.name)).toContain("reconnecting");
  });

  test("an abort ends it without an error", async () => {
    const abort = new AbortController();
    const states: ConnectionState[] = [];
    const connection = createConnection({ baseUrl: "", fetch: async () => stream(stored("1"), stored("2")) });
    await subscribe(connection, {
      topics: ["bgos"],
      onEvent: () => abort.abort(),
      onState: (state) => states.push(state),
      signal: abort.signal,
    });
    expect(states.at(-1)).toEqual({ name: "closed", error: null });
  });
});
