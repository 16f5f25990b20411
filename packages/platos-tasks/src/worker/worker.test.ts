import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { PlatosError } from "../core/errors.ts";
import type { Engine, SegmentHandler } from "../core/ports/engine.ts";
import { silentLog } from "../core/ports/log.ts";
import { postMessage } from "../operations/post-message.ts";
import { faultyStore, type StoreFaults } from "../testing/faulty-store.ts";
import { fakeDelivery, segmentOf, useRuntime } from "../testing/runtime-fixture.ts";
import { createGate } from "../testing/gate.ts";
import { Periodic } from "./periodic.ts";
import { SuspectLine } from "./suspect-line.ts";
import { Worker } from "./worker.ts";

const fixture = useRuntime();

/** A worker with its handler in the test's hand: no engine, no waiting. */
async function handlerOf(faults: StoreFaults): Promise<SegmentHandler> {
  const started = createGate();
  let handler: SegmentHandler | null = null;
  const engine = Object.create(fixture.operations.engine) as Engine;
  engine.start = async (given) => {
    handler = given;
    started.open();
  };
  engine.stop = async () => undefined;
  engine.wake = () => undefined;
  const worker = new Worker({
    operations: { ...fixture.operations, engine, store: faultyStore(fixture.operations.store, faults) },
    model: fixture.model,
    tools: [],
    live: { publishDelta: () => undefined },
    clock: { ...fixture.runtime.clock, sleep: async () => undefined },
    log: silentLog,
    suspects: new SuspectLine(),
  });
  await worker.start();
  await worker.stop(0);
  await started.opened;
  if (handler === null) throw new Error("The worker did not start.");
  return handler;
}

/** The database is away for the first `times` commits of a name. */
function outages(of: string, times: number): StoreFaults {
  let left = times;
  return {
    beforeCommit: async (name) => {
      if (name !== of || left === 0) return;
      left -= 1;
      throw new PlatosError("store.unavailable", "The database is away.", { retryable: true });
    },
  };
}

test("a BGO outlives a database that comes and goes, and its worker's patience is not a crash", async () => {
  verifies("P8", "R3");
  const handler = await handlerOf(outages("record", 10));
  const bgo = await fixture.spawn();
  const delivery = fakeDelivery();
  await handler(segmentOf(bgo), delivery.controls);
  expect(await fixture.bgo(bgo.id)).toMatchObject({ status: "completed", crashes: 0, attempt: 1, error: null });
  expect(delivery.completions()).toBe(1);
});

test("a chat turn outlives a database that comes and goes as well", async () => {
  const handler = await handlerOf(outages("record answer", 10));
  const threadId = await fixture.newThread();
  const { turnId } = await postMessage(fixture.operations, fixture.caller, { threadId, text: "hello" });
  const [row] = await fixture.database.query<{ id: string }>(
    "select segment_id as id from platos.turns where id = $1",
    [turnId],
  );
  await handler({ id: row?.id ?? "", ownerId: turnId, ownerKind: "turn" }, fakeDelivery().controls);
  expect(await fixture.turn(turnId)).toMatchObject({ status: "completed", error: null });
  const [turn] = await fixture.database.query("select crashes from platos.turns where id = $1", [turnId]);
  expect(turn).toEqual({ crashes: 0 });
});

test("a worker that is stopped while the database is away leaves its segment to the next one", async () => {
  const handler = await handlerOf(outages("record", 1000));
  const bgo = await fixture.spawn();
  const delivery = fakeDelivery();
  delivery.stop.abort();
  const end = handler(segmentOf(bgo), delivery.controls);
  await end.catch(() => undefined);
  expect(["running", "queued"]).toContain((await fixture.bgo(bgo.id)).status);
  expect(await fixture.messages(bgo.threadId)).toEqual([]);
});

test("what runs is told of a stop at once, however long a round of periodic work takes", async () => {
  const round = createGate();
  const roundBegun = createGate();
  const engineStopped = createGate();
  const engine = Object.create(fixture.operations.engine) as Engine;
  engine.start = async () => undefined;
  engine.stop = async () => engineStopped.open();
  const worker = new Worker(
    {
      operations: { ...fixture.operations, engine },
      model: fixture.model,
      tools: [],
      live: { publishDelta: () => undefined },
      clock: fixture.runtime.clock,
      log: silentLog,
      suspects: new SuspectLine(),
    },
    [
      new Periodic({
        name: "a long round",
        everyMs: 1000,
        log: silentLog,
        run: () => {
          roundBegun.open();
          return round.opened;
        },
      }),
    ],
  );
  await worker.start();
  await roundBegun.opened;
  let isStopped = false;
  const stopped = worker.stop(0).then(() => (isStopped = true));
  await engineStopped.opened;
  expect(isStopped).toBe(false);
  round.open();
  await stopped;
});
