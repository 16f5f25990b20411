import type { SubscribeOptions } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { LiveConnection } from "./live-connection.ts";
import { LiveStore } from "./live-store.ts";

interface Probe {
  readonly connection: LiveConnection;
  readonly opened: SubscribeOptions[];
  readonly resyncs: () => number;
}

function probe(after: string | null): Probe {
  const opened: SubscribeOptions[] = [];
  let resyncs = 0;
  const connection = new LiveConnection({
    client: {
      subscribe: (options) => {
        opened.push(options);
        return Promise.resolve();
      },
    },
    store: new LiveStore((flush) => flush()),
    after,
    onResync: () => {
      resyncs += 1;
    },
    onRefused: () => undefined,
  });
  return { connection, opened, resyncs: () => resyncs };
}

test("starting and opening a thread at once makes one connection", async () => {
  const { connection, opened } = probe("c1");
  connection.watchThread("thr_1");
  connection.start();
  await Promise.resolve();
  expect(opened.map((options) => options.topics)).toEqual([["bgos", "thread:thr_1"]]);
});

test("going to another thread reconnects from the newest cursor and ends the old stream", async () => {
  const { connection, opened } = probe("c1");
  const leave = connection.watchThread("thr_1");
  connection.start();
  await Promise.resolve();
  opened[0]?.onCursor?.("c7");
  leave();
  connection.watchThread("thr_2");
  await Promise.resolve();
  expect(opened[0]?.signal.aborted).toBe(true);
  expect(opened[1]).toMatchObject({ topics: ["bgos", "thread:thr_2"], after: "c7" });
});

test("snapshots are read again on a resync, and when the stream began without a cursor", async () => {
  const known = probe("c1");
  known.connection.start();
  await Promise.resolve();
  known.opened[0]?.onState?.({ name: "live" });
  expect(known.resyncs()).toBe(0);
  known.opened[0]?.onEvent({ type: "resync", id: "c2", at: "" });
  expect(known.resyncs()).toBe(1);

  const unknown = probe(null);
  unknown.connection.start();
  await Promise.resolve();
  unknown.opened[0]?.onState?.({ name: "live" });
  unknown.opened[0]?.onCursor?.("c3");
  unknown.opened[0]?.onState?.({ name: "live" });
  expect(unknown.resyncs()).toBe(1);
});

test("stopping ends the stream", async () => {
  const { connection, opened } = probe("c1");
  connection.start();
  await Promise.resolve();
  connection.stop();
  await Promise.resolve();
  expect(opened[0]?.signal.aborted).toBe(true);
});
