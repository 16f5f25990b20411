import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type {} from "../../packages/platos-tasks/src/testing/postgres-global-setup.ts";
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
