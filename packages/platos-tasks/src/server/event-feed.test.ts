import type { Topic } from "@platos-tasks/client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Agent } from "../core/agent.ts";
import { formatEventCursor } from "../core/event.ts";
import type { EventLog } from "../core/ports/event-log.ts";
import { silentLog } from "../core/ports/log.ts";
import type { Caller } from "../operations/context.ts";
import type { Runtime } from "../runtime.ts";
import { createGate } from "../testing/gate.ts";
import { noLinks } from "../testing/no-links.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { createTestAgent, createTestTenant, createTestThread, openTestRuntime } from "../testing/test-runtime.ts";
import { EventFeed } from "./event-feed.ts";
import type { EventSubscription } from "./event-subscription.ts";
import type { FeedEvent } from "./event-view.ts";

let database: TestDatabase;
let runtime: Runtime;
let caller: Caller;
let agent: Agent;
let feed: EventFeed;
let stop: AbortController;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  runtime = await openTestRuntime({ connectionString: database.connectionString, tools: [] });
});

afterAll(async () => {
  await runtime.stop({ graceMs: 1000 });
  await database.drop();
});

beforeEach(async () => {
  caller = await createTestTenant(runtime);
  agent = await createTestAgent(runtime, caller);
  feed = new EventFeed({ ...runtime, links: noLinks });
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await feed.close();
});

const newThread = (): Promise<string> => createTestThread(runtime, caller, agent);

/** Appends a message in a transaction that waits for `until` before it commits. */
async function say(threadId: string, text: string, until: Promise<unknown> = Promise.resolve()): Promise<void> {
  const { store, identity } = runtime.operations;
  await store.transaction("test", async (tx) => {
    await tx.threads.lock(caller.scope, threadId);
    await tx.messages.append(caller.scope, {
      id: identity.newId("message"),
      threadId,
      role: "user",
      kind: "chat",
      authorAgentId: null,
      bgoId: null,
      turnId: null,
      terminal: false,
      parts: [{ type: "text", text }],
    });
    await until;
  });
}

function subscribe(topics: Topic[], after: string | null = null, signal = stop.signal): Promise<EventSubscription> {
  return feed.subscribe({ envId: caller.scope.envId, topics, after, signal });
}

/** Reads until `done` says so, then goes away, as a client that disconnects. */
async function read(
  subscription: EventSubscription,
  done: (seen: readonly FeedEvent[]) => boolean,
): Promise<FeedEvent[]> {
  const seen: FeedEvent[] = [];
  for await (const event of subscription) {
    seen.push(event);
    if (done(seen)) break;
  }
  return seen;
}

const take = (subscription: EventSubscription, count: number): Promise<FeedEvent[]> =>
  read(subscription, (seen) => seen.length === count);

const saidIn = ({ data }: FeedEvent): string =>
  data.type === "message.created" && data.message.parts[0]?.type === "text" ? data.message.parts[0].text : data.type;

async function loggedIds(): Promise<string[]> {
  const { history } = await runtime.eventLog.head();
  const text = "select e.xid::text, e.id::text from platos.events e where e.env_id = $1 order by e.xid, e.id";
  const rows = await database.query<{ xid: string; id: string }>(text, [caller.scope.envId]);
  return rows.map(({ xid, id }) => `${history}-${xid}-${id}`);
}

describe("the live view of the event log", () => {
  test("shows what is committed after it began, in the order of the log", async () => {
    verifies("P13");
    const threadId = await newThread();
    const subscription = await subscribe([`thread:${threadId}`]);
    await say(threadId, "one");
    await say(threadId, "two");
    expect((await take(subscription, 2)).map(saidIn)).toEqual(["one", "two"]);
  });

  test("shows nothing past a transaction that is still running, and misses nothing of it", async () => {
    verifies("P13.a");
    const [slowThread, fastThread] = [await newThread(), await newThread()];
    const subscription = await subscribe([`thread:${slowThread}`, `thread:${fastThread}`]);
    const gate = Promise.withResolvers<undefined>();
    const slow = say(slowThread, "slow", gate.promise);
    await say(fastThread, "fast");
    gate.resolve(undefined);
    await slow;
    const seen = await take(subscription, 2);
    expect(seen.map((event) => event.id)).toEqual(await loggedIds());
    expect(new Set(seen.map(saidIn))).toEqual(new Set(["slow", "fast"]));
  });

  test("brings a client that leaves and comes back all day everything once, in the database's order", async () => {
    verifies("P13.a");
    const threads = await Promise.all([1, 2, 3, 4].map(newThread));
    const messagesEach = 60;
    const topics = threads.map((id): Topic => `thread:${id}`);
    const first = await subscribe(topics);
    const writing = Promise.all(
      threads.map(async (threadId) => {
        for (let n = 0; n < messagesEach; n += 1) await say(threadId, `${n}`);
      }),
    );
    const total = threads.length * messagesEach;
    let cursor = first.cursor;
    const ids: (string | null)[] = [];
    for (let connection = first; ids.length < total;) {
      const part = await take(connection, Math.min(1 + (ids.length % 17), total - ids.length));
      ids.push(...part.map((event) => event.id));
      cursor = part.at(-1)?.id ?? cursor;
      if (ids.length < total) connection = await subscribe(topics, cursor);
    }
    await writing;
    expect(ids).toEqual(await loggedIds());
  });

  test("misses nothing that is read for others while one is still catching up", async () => {
    verifies("P13.a");
    const gate = createGate();
    const reading = createGate();
    let heldCursor: string | null = null;
    const readAfter: EventLog["readAfter"] = async (cursor, limit) => {
      const batch = await runtime.eventLog.readAfter(cursor, limit);
      if (formatEventCursor(cursor) === heldCursor) {
        reading.open();
        await gate.opened;
      }
      return batch;
    };
    await feed.close();
    feed = new EventFeed({ ...runtime, links: noLinks, eventLog: { ...runtime.eventLog, readAfter } });
    const threadId = await newThread();
    const live = await subscribe([`thread:${threadId}`]);
    const { cursor } = live;
    const lively = live[Symbol.asyncIterator]();
    await say(threadId, "one");
    await lively.next();
    // The live reader is past this place now: only the one who comes back reads from it.
    heldCursor = cursor;
    const seen = take(await subscribe([`thread:${threadId}`], cursor), 3);
    await reading.opened;
    await say(threadId, "two");
    await lively.next();
    gate.open();
    await say(threadId, "three");
    expect((await seen).map(saidIn)).toEqual(["one", "two", "three"]);
  });

  test("catches up over many pages of what a client missed, then goes on live", async () => {
    verifies("P13.a");
    const threadId = await newThread();
    const { cursor } = await subscribe([`thread:${threadId}`]);
    const text = `
      insert into platos.events (org_id, project_id, env_id, type, thread_id, message_id)
      select $1, $2, $3, 'message.created', $4, m.id
      from generate_series(1, 1200) n join platos.messages m on m.thread_id = $4`;
    await say(threadId, "one");
    const { orgId, projectId, envId } = caller.scope;
    await database.query(text, [orgId, projectId, envId, threadId]);
    const again = await subscribe([`thread:${threadId}`], cursor);
    const seen = await read(again, (events) => {
      if (events.length === 1201) void say(threadId, "live");
      return events.length === 1202;
    });
    expect(seen.map((event) => event.id)).toEqual(await loggedIds());
    expect(seen.at(-1)).toMatchObject({ data: { message: { parts: [{ text: "live" }] } } });
  });

  test("passes over events whose message is gone, with a cursor that moves on", async () => {
    const [gone, kept] = [await newThread(), await newThread()];
    const { cursor } = await subscribe([`thread:${kept}`]);
    await say(gone, "deleted soon");
    await runtime.operations.store.autocommit.threads.delete(caller.scope, gone);
    await say(kept, "stays");
    const again = await subscribe([`thread:${gone}`, `thread:${kept}`], cursor);
    const [event] = await take(again, 1);
    expect(event).toMatchObject({ data: { message: { parts: [{ text: "stays" }] } } });
    expect(again.cursor).toBe((await loggedIds()).at(-1));
  });

  test.each([
    ["of another history", "0123x1-100-1"],
    ["from the future of this one", "future"],
    ["that is none", "nonsense"],
  ])("answers a cursor %s with a resync, and goes on from there", async (_what, given) => {
    verifies("P13.a");
    const threadId = await newThread();
    const { history } = await runtime.eventLog.head();
    const after = given === "future" ? `${history}-99999999999-1` : given;
    const subscription = await subscribe([`thread:${threadId}`], after);
    const seen = await read(subscription, (events) => {
      if (events.length === 1) void say(threadId, "after the resync");
      return events.length === 2;
    });
    expect(seen[0]?.data.type).toBe("resync");
    expect(seen[0]?.id).toBe(seen[0]?.data.type === "resync" ? seen[0].data.id : "");
    expect(seen.map(saidIn)[1]).toBe("after the resync");
  });

  test("ends a reader that falls too far behind, and brings it the rest when it comes back", async () => {
    verifies("P13.a");
    await feed.close();
    feed = new EventFeed({ ...runtime, links: noLinks, queueLimit: 5 });
    const threadId = await newThread();
    const slow = await subscribe([`thread:${threadId}`]);
    const { cursor } = slow;
    const quick = (await subscribe([`thread:${threadId}`]))[Symbol.asyncIterator]();
    for (let n = 0; n < 10; n += 1) {
      await say(threadId, `${n}`);
      // What the quick one has seen was offered to the slow one as well.
      await quick.next();
    }
    expect(await read(slow, () => false)).toEqual([]);
    const again = await take(await subscribe([`thread:${threadId}`], cursor), 10);
    expect(again.map((event) => event.id)).toEqual(await loggedIds());
  });

  test("shows no environment anything of another one", async () => {
    verifies("P37");
    const threadId = await newThread();
    const stranger = await createTestTenant(runtime);
    const theirs = await feed.subscribe({
      envId: stranger.scope.envId,
      topics: [`thread:${threadId}`, "bgos"],
      after: null,
      signal: stop.signal,
    });
    const ours = await subscribe([`thread:${threadId}`]);
    await say(threadId, "secret");
    await take(ours, 1);
    await feed.close();
    expect(await read(theirs, () => false)).toEqual([]);
  });

  test("passes pieces of text on without a place in the log", async () => {
    const threadId = await newThread();
    const subscription = await subscribe([`thread:${threadId}`]);
    const delta = { type: "message.delta", envId: caller.scope.envId, threadId, turnId: "trn_1" } as const;
    const piece = { ...delta, messageId: "msg_1", modelCall: 0, offset: 0, text: "Hel" };
    // Hints may be lost until the process listens.
    const again = setInterval(() => runtime.notifications.notify("deltas", JSON.stringify(piece)), 50);
    const [event] = await take(subscription, 1).finally(() => clearInterval(again));
    expect(event).toMatchObject({ id: null, data: { type: "message.delta", text: "Hel", offset: 0 } });
    expect(event?.json()).not.toContain(caller.scope.envId);
  });

  test("reads nothing while nobody follows, and shows an update of a row once per batch", async () => {
    let reads = 0;
    const counting = {
      ...runtime.eventLog,
      readAfter: (...args: Parameters<typeof runtime.eventLog.readAfter>) => {
        reads += 1;
        return runtime.eventLog.readAfter(...args);
      },
    };
    await feed.close();
    feed = new EventFeed({ eventLog: counting, notifications: runtime.notifications, log: silentLog, links: noLinks });
    const threadId = await newThread();
    const { cursor } = await subscribe([`thread:${threadId}`]);
    stop.abort();
    await feed.close();
    const readsThen = reads;
    await say(threadId, "one");
    const [message] = await runtime.operations.store.autocommit.messages.list(caller.scope, threadId, {
      afterSeq: 0,
      limit: 1,
    });
    for (const text of ["two", "three"]) {
      await runtime.operations.store.autocommit.messages.replaceParts(caller.scope, message?.id ?? "", [
        { type: "text", text },
      ]);
    }
    expect(reads).toBe(readsThen);
    feed = new EventFeed({ ...runtime, links: noLinks });
    stop = new AbortController();
    const seen = await take(await subscribe([`thread:${threadId}`], cursor), 2);
    expect(seen.map(({ data }) => data.type)).toEqual(["message.created", "message.updated"]);
    expect(seen.map((event) => event.id).at(-1)).toBe((await loggedIds()).at(-1));
  });
});
