import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type {} from "../../../packages/platos-tasks/src/testing/postgres-global-setup.ts";
import { type PostgresProxy, startPostgresProxy } from "./postgres-proxy.ts";

const connectionLost = /ECONNRESET|Connection terminated/u;

let proxy: PostgresProxy;
let client: pg.Client;
let witness: pg.Client;

async function connected(url: string): Promise<pg.Client> {
  const made = new pg.Client({ connectionString: url });
  // A connection that is broken off says so here as well.
  made.on("error", () => undefined);
  await made.connect();
  return made;
}

beforeEach(async () => {
  const url = inject("postgresUrl");
  proxy = await startPostgresProxy(url);
  witness = await connected(url);
  await witness.query("create table seen (n int)");
  client = await connected(proxy.url);
});

afterEach(async () => {
  await client.end().catch(() => undefined);
  await witness.query("drop table seen");
  await witness.end();
  await proxy.close();
});

async function rowCount(): Promise<number> {
  return Number((await witness.query<{ count: string }>("select count(*) from seen")).rows[0]?.count);
}

test("a commit whose acknowledgement is lost fails at the client and stands in the database", async () => {
  proxy.loseAcknowledgements(1);
  await client.query("begin");
  await client.query("insert into seen values ($1)", [1]);

  await expect(client.query("commit")).rejects.toThrow(connectionLost);

  expect(proxy.lostAcknowledgements).toBe(1);
  expect(await rowCount()).toBe(1);
});

test("so does a statement that commits by itself, and reading loses nothing", async () => {
  proxy.loseAcknowledgements(1, "statement");
  await client.query("select 1");

  await expect(client.query("insert into seen values ($1) returning n", [1])).rejects.toThrow(connectionLost);

  expect(await rowCount()).toBe(1);
});

test("a statement that fails loses no acknowledgement", async () => {
  proxy.loseAcknowledgements(1);

  await expect(client.query("insert into seen values (1 / 0)")).rejects.toThrow("division by zero");
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);

  expect(proxy.lostAcknowledgements).toBe(0);
});

test("what comes late comes whole and in order", async () => {
  proxy.set({ kind: "latency", delayMs: 5 });
  const slow = client.query<{ n: number }>("select n from generate_series(1, 20000) n");
  const next = client.query("select 1 as one");

  expect((await slow).rows.at(-1)).toEqual({ n: 20_000 });
  expect((await next).rows).toEqual([{ one: 1 }]);
});

test("a link is cut once it has carried too much", async () => {
  proxy.set({ kind: "cut_after", bytes: 50_000 });

  await expect(client.query("select n from generate_series(1, 20000) n")).rejects.toThrow(connectionLost);
});

test("a black hole says nothing, and its links are reset when it ends", async () => {
  proxy.set({ kind: "blackhole" });
  const swallowed = client.query("insert into seen values (1)");
  const settled = swallowed.then(
    () => "answered",
    (error: unknown) => String(error),
  );
  await witness.query("select 1");
  proxy.set({ kind: "pass" });

  expect(await settled).toMatch(connectionLost);
  expect(await rowCount()).toBe(0);
});

test("what is held back arrives once it may, also when its client has gone", async () => {
  proxy.set({ kind: "hold" });
  const held = client.query("insert into seen values (1)");
  await witness.query("select 1");
  const settled = held.then(
    () => "answered",
    () => "lost",
  );
  expect(await rowCount()).toBe(0);
  proxy.set({ kind: "pass" });

  expect(await settled).toBe("answered");
  proxy.set({ kind: "hold" });
  const left = client.query("insert into seen values (2)").catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  // The published types lack it.
  (client as unknown as { connection: { stream: { destroySoon(): void } } }).connection.stream.destroySoon();
  await left;
  proxy.set({ kind: "pass" });
  await expect.poll(rowCount).toBe(2);
});

test("a fault may be for those alone who call themselves so", async () => {
  const named = await connected(`${proxy.url}?application_name=unlucky`);
  proxy.set({ kind: "blackhole" }, { applicationName: "unlucky" });
  const swallowed = named.query("select 1").catch(() => "lost");

  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  proxy.set({ kind: "pass" });
  expect(await swallowed).toBe("lost");
});

const failure = (sqlState: string, isFatal = false) => ({ sqlState, isFatal });

test.each(["40001", "53100", "57014"])(
  "a statement can be made to fail with %s, and the connection goes on",
  async (sqlState) => {
    const insert = { name: "insert", text: "insert into seen values ($1)", values: [1] };
    proxy.failStatements((text) => (text.startsWith("insert") ? failure(sqlState) : null));

    await expect(client.query(insert)).rejects.toMatchObject({ code: sqlState });

    expect((await client.query("select $1::int as one", [1])).rows).toEqual([{ one: 1 }]);
    expect(await rowCount()).toBe(0);
    proxy.failStatements(null);
    await client.query(insert);
    expect(await rowCount()).toBe(1);
  },
);

test("it aborts the transaction that it is in, and a commit that fails has ended it", async () => {
  await client.query("begin");
  await client.query("insert into seen values ($1)", [1]);
  proxy.failStatements((text) => (text === "select 2" ? failure("40P01") : null));
  await expect(client.query("select 2")).rejects.toMatchObject({ code: "40P01" });
  await expect(client.query("select 3")).rejects.toMatchObject({ code: "25P02" });
  await client.query("rollback");

  proxy.failStatements((text) => (text === "commit" ? failure("40001") : null));
  await client.query("begin");
  await client.query("insert into seen values ($1)", [1]);
  await expect(client.query("commit")).rejects.toMatchObject({ code: "40001" });
  proxy.failStatements(null);
  await client.query("insert into seen values ($1)", [2]);

  expect((await witness.query("select n from seen")).rows).toEqual([{ n: 2 }]);
});

test("it can end the session, or take the link along without a word", async () => {
  proxy.failStatements((text) => (text === "select 2" ? failure("57P01", true) : null));
  await expect(client.query("select 2")).rejects.toMatchObject({ code: "57P01", severity: "FATAL" });
  client = await connected(proxy.url);
  proxy.failStatements(() => failure("08006"));
  await expect(client.query("select 3")).rejects.toThrow(connectionLost);
});

test("a session can be refused", async () => {
  proxy.refuseSessions("53300");
  await expect(connected(proxy.url)).rejects.toMatchObject({ code: "53300" });
  proxy.refuseSessions(null);
  await (await connected(proxy.url)).end();
});
