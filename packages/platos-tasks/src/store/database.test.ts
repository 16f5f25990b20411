import { Socket } from "node:net";
import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { silentLog } from "../core/ports/log.ts";
import { createBarrier, createGate } from "../testing/gate.ts";
import { startTcpProxy } from "../testing/tcp-proxy.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { Database, type Executor } from "./database.ts";

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await createTestDatabase(inject("postgresUrl"));
  await server.query("create table counters (id int primary key, value int not null)");
  await server.query("create sequence calls");
  await server.query(`
    create function fails(state text, times int) returns int language plpgsql as $$ begin
      if nextval('calls') <= times then raise exception using errcode = state; end if;
      return 1;
    end $$`);
  database = new Database({ connectionString: server.connectionString, poolSize: 4, log: silentLog });
});

afterAll(async () => {
  await database.close();
  await server.drop();
});

const pidOf = async (on: Executor): Promise<number> =>
  (await on.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid ?? 0;
const terminate = (pid: number) => server.query("select pg_terminate_backend($1, 5000)", [pid]);
const valueOf = async (id: number): Promise<number | undefined> =>
  (await server.query<{ value: number }>("select value from counters where id = $1", [id]))[0]?.value;

test("where the begin itself fails, nothing is sent that was not on its way", async () => {
  const query = vi.spyOn(Client.prototype, "query");
  query.mockImplementationOnce((() => Promise.reject(new Error("cancelled"))) as never);
  const failed = database.transaction(async (tx) => {
    await tx.query("select 1");
    await tx.query("insert into counters values (40, 1)");
  });
  await expect(failed).rejects.toThrow("cancelled");
  expect(await valueOf(40)).toBeUndefined();
  query.mockRestore();
});

test("what throws in a transaction rolls it back, and passes as it is", async () => {
  const failed = database.transaction(async (tx) => {
    await tx.query("insert into counters values (1, 1)");
    throw new Error("changed my mind");
  });
  await expect(failed).rejects.toThrow("changed my mind");
  expect(await valueOf(1)).toBeUndefined();
});

test("a statement that fails and is caught does not let the rest pass for committed", async () => {
  const failed = database.transaction(async (tx) => {
    await tx.query("insert into counters values (2, 1)");
    await tx.query("select 1 / 0").catch(() => undefined);
    return "done";
  });
  await expect(failed).rejects.toMatchObject({ code: "internal" });
  expect(await valueOf(2)).toBeUndefined();
});

test("a backend that is ended in mid-transaction is told as an unavailable store, and the pool goes on", async () => {
  const failed = database.transaction(async (tx) => {
    await tx.query("insert into counters values (3, 1)");
    await terminate(await pidOf(tx));
    await tx.query("select 1");
  });
  await expect(failed).rejects.toMatchObject({ code: "store.unavailable", retryable: true });
  expect(await valueOf(3)).toBeUndefined();
  expect(await database.query("select 1 as one")).toMatchObject({ rows: [{ one: 1 }] });
});

test("a backend that is ended before the commit leaves it unknown, never committed in silence", async () => {
  const failed = database.transaction(async (tx) => {
    await tx.query("insert into counters values (4, 1)");
    await terminate(await pidOf(tx));
  });
  await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^store\.(commit_unknown|unavailable)$/u) });
  expect(await valueOf(4)).toBeUndefined();
});

test("statements that go out with the commit are committed with it", async () => {
  await database.transaction(async (tx) => {
    await tx.query("insert into counters values (10, 1)");
    tx.lastly(tx.query("insert into counters values (11, 1)"));
  });
  expect([await valueOf(10), await valueOf(11)]).toEqual([1, 1]);
});

test("statements of one turn leave in one piece, from the begin on, and the last ones with the commit", async () => {
  await database.transaction((tx) => tx.query("select 1"));
  const pieces = vi.spyOn(Socket.prototype, "_writev");
  const single = vi.spyOn(Socket.prototype, "_write");
  try {
    await database.transaction(async (tx) => {
      await Promise.all([tx.query("select 1"), tx.query("select 2"), tx.query("select 3")]);
      tx.lastly(tx.query("select 4"));
    });
    expect(pieces).toHaveBeenCalledTimes(2);
    expect(single).not.toHaveBeenCalled();
  } finally {
    pieces.mockRestore();
    single.mockRestore();
  }
});

test("one of them that fails rolls everything back and is what is told, and its connection goes on", async () => {
  const before = await pidOf(database);
  const failed = database.transaction(async (tx) => {
    await tx.query("insert into counters values (12, 1)");
    tx.lastly(tx.query("insert into counters values (12, 2)"));
    tx.lastly(tx.query("insert into counters values (13, 1)"));
  });
  await expect(failed).rejects.toMatchObject({ code: "23505" });
  expect([await valueOf(12), await valueOf(13)]).toEqual([undefined, undefined]);
  expect(await pidOf(database)).toBe(before);
});

test("a backend that is ended while the last statements run leaves the commit unknown", async () => {
  const failed = database.transaction(async (tx) => {
    const pid = await pidOf(tx);
    tx.lastly(tx.query("select pg_sleep(10)"));
    void terminate(pid);
  });
  await expect(failed).rejects.toMatchObject({ code: "store.commit_unknown" });
});

test("a last statement that was not sent in time leaves the transaction unknown instead of half done in silence", async () => {
  const failed = database.transaction(async (tx) => {
    await tx.query("insert into counters values (14, 1)");
    tx.lastly(server.query("select 1").then(() => tx.query("insert into counters values (15, 1)")));
  });
  await expect(failed).rejects.toMatchObject({ code: "store.commit_unknown" });
});

test.each([
  ["statement timeout", "set local statement_timeout = 1", "select pg_sleep(10)"],
  ["lock timeout", "set local lock_timeout = 1", "select 1 from counters where id = 5 for update"],
  ["read-only after a failover", "set transaction read only", "update counters set value = 0"],
])("a %s is told as an unavailable store", async (_name, setting, statement) => {
  await server.query("insert into counters values (5, 1) on conflict do nothing");
  const [locked, release] = [createGate(), createGate()];
  const holder = database.transaction(async (tx) => {
    await tx.query("select 1 from counters where id = 5 for update");
    locked.open();
    await release.opened;
  });
  await locked.opened;
  const failed = database.transaction(async (tx) => {
    await tx.query(setting);
    await tx.query(statement);
  });
  await expect(failed).rejects.toMatchObject({ code: "store.unavailable" });
  release.open();
  await holder;
});

test("transactions that stand in each other's way are run again, whole", async () => {
  await server.query("insert into counters values (6, 0), (7, 0)");
  const bothHold = createBarrier(2);
  let runs = 0;
  const increment = (first: number, second: number) =>
    database.transaction(async (tx) => {
      runs += 1;
      await tx.query("update counters set value = value + 1 where id = $1", [first]);
      await bothHold();
      await tx.query("update counters set value = value + 1 where id = $1", [second]);
    });
  await Promise.all([increment(6, 7), increment(7, 6)]);
  expect(runs).toBeGreaterThan(2);
  expect([await valueOf(6), await valueOf(7)]).toEqual([2, 2]);
});

test("a serialization failure is run again too", async () => {
  await server.query("insert into counters values (8, 0)");
  const bothRead = createBarrier(2);
  const increment = () =>
    database.transaction(async (tx) => {
      await tx.query("set transaction isolation level serializable");
      const { rows } = await tx.query<{ value: number }>("select value from counters where id = 8");
      await bothRead();
      await tx.query("update counters set value = $1 where id = 8", [(rows[0]?.value ?? 0) + 1]);
    });
  await Promise.all([increment(), increment()]);
  expect(await valueOf(8)).toBe(2);
});

/** A statement that fails so many times from now on, then gives 1: a sequence remembers what a rollback forgets. */
async function failing(state: string, times: number): Promise<string> {
  await server.query("select setval('calls', 1, false)");
  return `select fails('${state}', ${times})`;
}

const contention = ["40001", "40P01"];

test.each(contention)("a single statement that fails with %s is run again too", async (state) => {
  expect((await database.query(await failing(state, 2))).rows).toEqual([{ fails: 1 }]);
});

test.each(contention)("whoever meets %s again and again is told to come back later", async (state) => {
  const statement = await failing(state, 100);
  const later = { code: "store.unavailable", retryable: true };
  await expect(database.query(statement)).rejects.toMatchObject(later);
  await expect(database.transaction((tx) => tx.query(statement))).rejects.toMatchObject(later);
});

test.each(["25P03", "25P04", "53100", "53300", "57P05"])("%s is told as an unavailable store", async (state) => {
  await expect(database.query(await failing(state, 1))).rejects.toMatchObject({ code: "store.unavailable" });
});

test("of statements that were sent together the one that failed is told, also when a later one is heard of first", async () => {
  const statement = await failing("40P01", 1);
  const heardLater = async (query: Promise<unknown>): Promise<void> => {
    await Promise.allSettled([query, new Promise((resolve) => setImmediate(resolve))]);
    await query;
  };
  let runs = 0;
  await database.transaction(async (tx) => {
    runs += 1;
    await Promise.all([heardLater(tx.query(statement)), tx.query("select 2")]);
  });
  expect(runs).toBe(2);
  const reported = database.transaction(async (tx) => {
    const broken = heardLater(tx.query("select 1 / 0"));
    tx.lastly(tx.query("select 3"));
    tx.lastly(broken);
  });
  await expect(reported).rejects.toMatchObject({ code: "22012" });
});

test("a server that says nothing any more is told as unavailable, and is used again when it speaks", async () => {
  const proxy = await startTcpProxy(server.connectionString);
  const remote = new Database({ connectionString: proxy.url, poolSize: 2, log: silentLog, answerMs: 300 });
  await remote.query("select 1");
  await remote.transaction((tx) => tx.query("select 1"));
  proxy.swallow();
  const silent = { code: "store.unavailable" };
  await expect(remote.query("select 1")).rejects.toMatchObject(silent);
  await expect(remote.transaction((tx) => tx.query("select 1"))).rejects.toMatchObject(silent);
  proxy.mend();
  expect((await remote.transaction((tx) => tx.query("select 1"))).rows).toHaveLength(1);
  await remote.close();
  await proxy.close();
});

test("a server that is away is told as such, and is used again when it is back", async () => {
  const proxy = await startTcpProxy(server.connectionString);
  const remote = new Database({ connectionString: proxy.url, poolSize: 2, log: silentLog });
  expect((await remote.query("select 1")).rows).toHaveLength(1);
  proxy.cut();
  const away = { code: "store.unavailable" };
  await expect(remote.query("select 1")).rejects.toMatchObject(away);
  await expect(remote.transaction((tx) => tx.query("select 1"))).rejects.toMatchObject(away);
  proxy.mend();
  expect((await remote.transaction((tx) => tx.query("select 1"))).rows).toHaveLength(1);
  await remote.close();
  await proxy.close();
});

test("an error of the statement itself is not taken for an absent store", async () => {
  await expect(database.query("select nonsense")).rejects.toMatchObject({ code: "42703" });
  await expect(database.query("insert into counters values (6, 1)")).rejects.toMatchObject({ code: "23505" });
});
