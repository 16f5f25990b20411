import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { silentLog } from "../core/ports/log.ts";
import { createGate } from "../testing/gate.ts";
import { startTcpProxy, type TcpProxy } from "../testing/tcp-proxy.ts";
import { Database } from "./database.ts";
import { Listener } from "./listener.ts";

let proxy: TcpProxy;
let database: Database;
let listener: Listener;

beforeEach(async () => {
  const connectionString = inject("postgresUrl");
  proxy = await startTcpProxy(connectionString);
  database = new Database({ connectionString, poolSize: 2, log: silentLog });
  listener = new Listener({ connectionString: proxy.url, database, log: silentLog, probeMs: 100, silenceMs: 300 });
});

afterEach(async () => {
  await listener.close();
  await database.close();
  await proxy.close();
});

/** Resolves each time the listener tells that it may have missed something. */
function missedBy(of: Listener, onHint: (payload: string) => void = () => undefined): () => Promise<void> {
  let gate = createGate();
  of.subscribe("segments", onHint, () => gate.open());
  return async () => {
    await gate.opened;
    gate = createGate();
  };
}

test("a connection that died without a word is noticed, replaced, and told of as missed", async () => {
  const heard = Promise.withResolvers<string>();
  const missed = missedBy(listener, heard.resolve);
  await missed();
  proxy.swallow();
  // The next one gets through, the one that is silent stays so.
  proxy.mend();
  await missed();
  listener.notify("segments", "hello");
  expect(await heard.promise).toBe("hello");
});

test("a connection that goes silent before it has begun to listen is given up as well", async () => {
  proxy.swallow();
  const missed = missedBy(listener);
  await new Promise((resolve) => setTimeout(resolve, 50));
  proxy.mend();
  await expect(missed()).resolves.toBeUndefined();
});

test("closing does not wait for a database that has gone silent", async () => {
  const missed = missedBy(listener);
  await missed();
  proxy.swallow();
  await expect(listener.close()).resolves.toBeUndefined();
});
