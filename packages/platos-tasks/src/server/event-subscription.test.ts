import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { type EventCursor, formatEventCursor } from "../core/event.ts";
import type { EventLog } from "../core/ports/event-log.ts";
import { noLinks } from "../testing/no-links.ts";
import { EventQueue } from "./event-queue.ts";
import type { FeedEvent } from "./event-view.ts";
import type { EventReader } from "./event-reader.ts";
import { followAfter, followFromHead } from "./event-subscription.ts";

const at = (xid: bigint): EventCursor => ({ history: "h", xid, id: 1n });

/** A reader for everybody that stands where it is told to. */
function readerAt(position: EventCursor): EventReader {
  return { position, join: () => position, leave: () => undefined } as unknown as EventReader;
}

function optionsOf(head: EventCursor, position: EventCursor) {
  const eventLog = { head: async () => head, readAfter: async () => [] } as unknown as EventLog;
  const queue = new EventQueue({
    envId: "env_1",
    topics: ["bgos"],
    limit: 10,
    onEnd: () => undefined,
    onBehind: () => undefined,
  });
  return { eventLog, queue, reader: readerAt(position), links: noLinks };
}

test("a client that begins ahead of the common reader is not told to come back from behind its beginning", async () => {
  verifies("P13.a");
  const subscription = await followFromHead(optionsOf(at(9n), at(5n)));
  expect(subscription.cursor).toBe(formatEventCursor(at(9n)));
});

test("nor is one that has read further by itself", async () => {
  verifies("P13.a");
  const options = optionsOf(at(9n), at(5n));
  const subscription = followAfter(options, at(9n));
  const reading = subscription[Symbol.asyncIterator]().next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(subscription.cursor).toBe(formatEventCursor(at(9n)));
  options.queue.end();
  await reading;
});

test("an event that was taken and not shown yet is not behind the cursor: whoever loses it comes back for it", async () => {
  verifies("P13.a");
  const options = optionsOf(at(5n), at(9n));
  const subscription = followAfter(options, at(9n));
  const events = subscription[Symbol.asyncIterator]();
  const first = events.next();
  await new Promise((resolve) => setImmediate(resolve));
  options.queue.add({ cursor: at(10n), id: "h-10-1", data: { type: "bgo.updated" } } as unknown as FeedEvent);
  expect((await first).value).toMatchObject({ id: "h-10-1" });
  expect(subscription.cursor).toBeNull();
  const second = events.next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(subscription.cursor).toBe(formatEventCursor(at(10n)));
  options.queue.end();
  await second;
});

test("one that is up to date moves on with the common reader, also without an event of its own", async () => {
  const subscription = await followFromHead(optionsOf(at(5n), at(9n)));
  expect(subscription.cursor).toBe(formatEventCursor(at(9n)));
});
