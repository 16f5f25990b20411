import { randomUUID } from "node:crypto";
import { expect, inject, test } from "vitest";
import type { Notifications } from "../../core/ports/notifications.ts";
import { silentLog } from "../../core/ports/log.ts";
import type { SqlExecutor } from "../../core/ports/store.ts";
import { Database } from "../../store/database.ts";
import { Listener } from "../../store/listener.ts";
import type { EngineTestbed } from "../../testing/engine-bench.ts";
import { createGate } from "../../testing/gate.ts";
import { describeEngine } from "../../testing/engine.testsuite.ts";
import { createTestDatabase } from "../../testing/test-database.ts";
import { eventually } from "../../testing/test-runtime.ts";
import { EmbeddedEngine } from "./embedded-engine.ts";
import { takeExpired } from "./expired-leases.ts";

const deaf: Notifications = { notify: () => undefined, subscribe: () => () => undefined };

async function createTestbed(): Promise<EngineTestbed> {
  const server = await createTestDatabase(inject("postgresUrl"));
  const { connectionString } = server;
  const database = new Database({ connectionString, poolSize: 10, log: silentLog });
  const listeners: Listener[] = [];
  const listen = (): Listener => {
    const listener = new Listener({ connectionString, database, log: silentLog });
    listeners.push(listener);
    return listener;
  };
  return {
    open: ({ slots, isDeaf }) =>
      EmbeddedEngine.open({ database, notifications: isDeaf === true ? deaf : listen(), log: silentLog, slots }),
    transaction: (run) =>
      database.transaction((executor) =>
        run({ executeSql: async (text, values) => ({ rows: (await executor.query(text, values)).rows }) }),
      ),
    async expireLeases() {
      const held = await server.query<{ id: string; retry_count: number }>(
        "select id, retry_count from pgboss.job where state = 'active'",
      );
      const ageText = `update pgboss.job set heartbeat_on = now() - interval '1 day'
        where state = 'active' and (id, retry_count) in (select * from unnest($1::uuid[], $2::int[])) returning id`;
      const values = [held.map(({ id }) => id), held.map(({ retry_count }) => retry_count)];
      // Aged over and over, because a holder that lives renews its lease until the supervisor comes by.
      await eventually("the leases to run out", async () => (await server.query(ageText, values)).length === 0);
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()));
      await database.close();
      await server.drop();
    },
  };
}

describeEngine("embedded", createTestbed);

test("a lease that ran out while no worker lived is taken back as soon as one starts", async () => {
  const server = await createTestDatabase(inject("postgresUrl"));
  const database = new Database({ connectionString: server.connectionString, poolSize: 10, log: silentLog });
  const open = (): Promise<EmbeddedEngine> =>
    EmbeddedEngine.open({ database, notifications: deaf, log: silentLog, slots: { bgo: 1, turn: 0 } });
  const first = await open();
  const begun = createGate();
  const segment = {
    id: randomUUID(),
    ownerId: `bgo_${randomUUID()}`,
    ownerKind: "bgo",
  } as const;
  await first.enqueue(executorOf(database), segment);
  await first.start(async () => begun.open());
  await begun.opened;
  await first.stop({ graceMs: 0 });
  await server.query("update pgboss.job set heartbeat_on = now() - interval '1 day'");

  const second = await open();
  const takenOver = createGate();
  await second.start(async () => takenOver.open());

  await takenOver.opened;
  const jobs = await server.query<{ state: string; retry_count: number }>("select state, retry_count from pgboss.job");
  expect(jobs).toEqual([{ state: "active", retry_count: 1 }]);
  await second.stop({ graceMs: 0 });
  await database.close();
  await server.drop();
});

test("who takes over and is never heard of again loses the segment sooner than by a whole lease", async () => {
  const server = await createTestDatabase(inject("postgresUrl"));
  const database = new Database({ connectionString: server.connectionString, poolSize: 10, log: silentLog });
  const engine = await EmbeddedEngine.open({
    database,
    notifications: deaf,
    log: silentLog,
    slots: { bgo: 0, turn: 0 },
  });
  const segment = { id: randomUUID(), ownerId: `bgo_${randomUUID()}`, ownerKind: "bgo" } as const;
  await engine.enqueue(executorOf(database), segment);
  await server.query(
    "update pgboss.job set state = 'active', started_on = now(), heartbeat_on = now() - interval '9 s'",
  );
  const take = () => takeExpired(database, { ownerKind: "bgo", limit: 5 });
  expect(await take()).toEqual([]);
  await server.query("update pgboss.job set heartbeat_on = now() - interval '11 s'");
  expect(await takeExpired(database, { ownerKind: "turn", limit: 5 })).toEqual([]);
  expect(await take()).toEqual([{ id: segment.id, retryCount: 1, data: { ownerId: segment.ownerId } }]);
  expect(await take()).toEqual([]);
  await server.query("update pgboss.job set heartbeat_on = heartbeat_on - interval '7 s'");
  expect(await take()).toMatchObject([{ id: segment.id, retryCount: 2 }]);
  await engine.stop({ graceMs: 0 });
  await database.close();
  await server.drop();
});

/** For what may be done outside a transaction. */
function executorOf(database: Database): SqlExecutor {
  return { executeSql: async (text, values) => ({ rows: (await database.query(text, values)).rows }) };
}
