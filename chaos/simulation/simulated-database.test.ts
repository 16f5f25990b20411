import { expect, test } from "vitest";
import { Fiber } from "./fiber.ts";
import { Deadlock, SimulatedDatabase, type SimulatedTransaction } from "./simulated-database.ts";
import type { StoredThread } from "./simulated-rows.ts";

const thread = (id: string): StoredThread => ({
  id,
  agentId: "agt_1",
  title: null,
  lastSeq: 0,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  isDeleted: false,
});

const job = { id: "job_1", ownerId: "bgo_1", ownerKind: "bgo", state: "created", deliveries: 0 } as const;

async function databaseWith(...ids: string[]): Promise<SimulatedDatabase> {
  const database = new SimulatedDatabase(() => undefined);
  const tx = begin(database);
  for (const id of ids) await tx.insert("thread", id, thread(id));
  tx.commit();
  return database;
}

function begin(database: SimulatedDatabase, fiber = new Fiber("test", null)): SimulatedTransaction {
  return database.begin(fiber, () => undefined);
}

const raise = (tx: SimulatedTransaction, id: string) =>
  tx.update("thread", id, { match: () => true, change: (row) => ({ ...row, lastSeq: row.lastSeq + 1 }) });

test("of two that change a row the second waits, and goes on from what the first has left", async () => {
  const database = await databaseWith("a");
  const [first, second] = [begin(database), begin(database)];
  await raise(first, "a");
  const waiting = raise(second, "a");
  expect(second.read("thread", "a")?.lastSeq).toBe(0);
  first.commit();
  expect((await waiting)?.lastSeq).toBe(2);
});

test("a row that no longer matches once its lock is free is left alone", async () => {
  const database = await databaseWith("a");
  const [first, second] = [begin(database), begin(database)];
  await raise(first, "a");
  const waiting = second.lock("thread", "a", (row) => row.lastSeq === 0);
  first.commit();
  expect(await waiting).toBeNull();
});

test("what was rolled back is seen by nobody, and its locks are free", async () => {
  const database = await databaseWith("a");
  const first = begin(database);
  await raise(first, "a");
  first.rollback();
  expect((await raise(begin(database), "a"))?.lastSeq).toBe(1);
});

test("a second row of one key waits for the first one's end", async () => {
  const database = await databaseWith();
  const [first, second, third] = [begin(database), begin(database), begin(database)];
  expect(await first.insert("job", "job_1", job)).toBe(true);
  const waiting = second.insert("job", "job_1", job);
  first.rollback();
  expect(await waiting).toBe(true);
  second.commit();
  expect(await third.insert("job", "job_1", job)).toBe(false);
});

test("of two that wait for each other one is ended", async () => {
  const database = await databaseWith("a", "b");
  const [first, second] = [begin(database), begin(database)];
  await raise(first, "a");
  await raise(second, "b");
  const waiting = raise(first, "b");
  await expect(raise(second, "a")).rejects.toBeInstanceOf(Deadlock);
  second.rollback();
  expect((await waiting)?.lastSeq).toBe(1);
});

test("a process that dies leaves neither locks nor rows behind", async () => {
  const database = await databaseWith("a");
  const fiber = new Fiber("mortal", null, { diesAt: 1 });
  const tx = begin(database, fiber);
  await raise(tx, "a");
  await fiber.run(() => fiber.point("death"));
  expect(fiber.isDead).toBe(true);
  expect((await raise(begin(database), "a"))?.lastSeq).toBe(1);
});
