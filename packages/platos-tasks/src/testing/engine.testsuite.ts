import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeliveryControls, Engine, OwnerKind, Segment, SegmentHandler } from "../core/ports/engine.ts";
import type { SqlExecutor } from "../core/ports/store.ts";
import { systemIdentity } from "../system/system-identity.ts";
import { aborted, createGate, type Gate } from "./gate.ts";
import { eventually } from "./test-runtime.ts";

/** A database of its own with as many engines on it as a test wants. */
export interface EngineTestbed {
  /** One more engine, as another process would have it. `isDeaf`: no hint reaches it or leaves it. */
  open(options: { readonly slots: Readonly<Record<OwnerKind, number>>; readonly isDeaf?: boolean }): Promise<Engine>;
  transaction<Result>(run: (tx: SqlExecutor) => Promise<Result>): Promise<Result>;
  /** Makes every lease that is held now run out, also those whose holder still lives. */
  expireLeases(): Promise<void>;
  close(): Promise<void>;
}

interface Delivery {
  readonly segment: Segment;
  readonly controls: DeliveryControls;
  readonly by: Engine;
  /** Open it to let the handler return. */
  readonly gate: Gate;
}

/** What every engine must do, whatever it is made of. */
export function describeEngine(name: string, createTestbed: () => Promise<EngineTestbed>): void {
  describe(`the ${name} engine`, () => {
    let testbed: EngineTestbed;
    let engines: Engine[];
    let deliveries: Delivery[];

    beforeEach(async () => {
      testbed = await createTestbed();
      engines = [];
      deliveries = [];
    });

    afterEach(async () => {
      for (const { gate } of deliveries) gate.open();
      await Promise.all(engines.map((engine) => engine.stop({ graceMs: 1000 })));
      await testbed.close();
    });

    /** Notes each delivery, runs `during`, then returns; the default completes at once. */
    const started = async (
      options: { slots?: number; isDeaf?: boolean } = {},
      during: (delivery: Delivery) => Promise<void> = complete,
    ): Promise<Engine> => {
      const slots = options.slots ?? 2;
      const engine = await testbed.open({ slots: { bgo: slots, turn: slots }, isDeaf: options.isDeaf ?? false });
      engines.push(engine);
      const handler: SegmentHandler = async (segment, controls) => {
        const delivery = { segment, controls, by: engine, gate: createGate() };
        deliveries.push(delivery);
        await during(delivery);
      };
      await engine.start(handler);
      return engine;
    };
    const complete = ({ controls }: Delivery): Promise<void> => testbed.transaction((tx) => controls.complete(tx));
    const untilOpened = async (delivery: Delivery): Promise<void> => {
      await delivery.gate.opened;
      await complete(delivery);
    };
    const enqueue = async (engine: Engine, ownerKind: OwnerKind = "bgo"): Promise<Segment> => {
      const segment = newSegment(ownerKind);
      await testbed.transaction((tx) => engine.enqueue(tx, segment));
      engine.wake(ownerKind);
      return segment;
    };
    const deliveriesOf = (segment: Segment): Delivery[] => deliveries.filter((each) => each.segment.id === segment.id);
    const delivered = (segment: Segment, times = 1): Promise<Delivery> =>
      eventually(`delivery ${times} of a segment`, async () => deliveriesOf(segment)[times - 1]);
    const settled = (engine: Engine, segment: Segment): Promise<boolean> =>
      eventually("a segment to be done", async () => (await engine.describe(segment)).state === "done");

    test("delivers a segment of each kind with its ids", async () => {
      const engine = await started();
      for (const ownerKind of ["bgo", "turn"] as const) {
        const segment = await enqueue(engine, ownerKind);
        expect((await delivered(segment)).segment).toEqual(segment);
      }
    });

    test("does not deliver what a rolled back transaction has enqueued", async () => {
      const engine = await started();
      const never = newSegment("bgo");
      const refused = testbed.transaction(async (tx) => {
        await engine.enqueue(tx, never);
        throw new Error("the caller changed its mind");
      });
      await expect(refused).rejects.toThrow("the caller changed its mind");
      await delivered(await enqueue(engine));
      expect(deliveriesOf(never)).toEqual([]);
      expect((await engine.describe(never)).state).toBe("lost");
    });

    test("delivers only after the commit", async () => {
      const engine = await started();
      const open = newSegment("bgo");
      await testbed.transaction(async (tx) => {
        await engine.enqueue(tx, open);
        engine.wake("bgo");
        // Others overtake it: the engine is looking and does not see it.
        await delivered(await enqueue(engine));
        expect(deliveriesOf(open)).toEqual([]);
      });
      engine.wake("bgo");
      await delivered(open);
    });

    test("takes an id that is enqueued twice as one segment", async () => {
      const engine = await started({ slots: 0 });
      const segment = newSegment("bgo");
      await testbed.transaction((tx) => engine.enqueue(tx, segment));
      await testbed.transaction((tx) => engine.enqueue(tx, segment));
      const worker = await started({ slots: 4 });
      await settled(worker, segment);
      await settled(worker, await enqueue(worker));
      expect(deliveriesOf(segment)).toHaveLength(1);
    });

    test("never runs more than its slots at once, and fills them again", async () => {
      const engine = await started({ slots: 3 }, untilOpened);
      const segments: Segment[] = [];
      for (let count = 0; count < 7; count += 1) segments.push(await enqueue(engine));
      let finished = 0;
      while (finished < segments.length) {
        const running = Math.min(3, segments.length - finished);
        await eventually("the slots to be full", async () => deliveries.length === finished + running);
        // Another one would have come with the same fetch.
        await engine.describe(newSegment("bgo"));
        expect(deliveries).toHaveLength(finished + running);
        deliveries[finished]?.gate.open();
        finished += 1;
      }
      await Promise.all(segments.map((segment) => settled(engine, segment)));
      expect(new Set(deliveries.map(({ segment }) => segment.id)).size).toBe(7);
    });

    test("delivers again what was not completed when its handler threw", async () => {
      const engine = await started({}, async (delivery) => {
        if (deliveriesOf(delivery.segment).length === 1) throw new Error("the handler fell over");
        await complete(delivery);
      });
      const segment = await enqueue(engine);
      await delivered(segment);
      await testbed.expireLeases();
      await settled(engine, segment);
      expect(deliveriesOf(segment)).toHaveLength(2);
    });

    test("delivers again when the transaction that completed it was rolled back", async () => {
      const engine = await started({}, async (delivery) => {
        if (deliveriesOf(delivery.segment).length > 1) return complete(delivery);
        await testbed.transaction(async (tx) => {
          await delivery.controls.complete(tx);
          throw new Error("rolled back");
        });
      });
      const segment = await enqueue(engine);
      await delivered(segment);
      await testbed.expireLeases();
      await delivered(segment, 2);
      expect(await settled(engine, segment)).toBe(true);
    });

    test("aborts a handler whose lease was lost, and its completion is not the next one's", async () => {
      const zombie = await started({ slots: 1 }, async ({ controls }) => {
        await aborted(controls.signal);
        await testbed.transaction((tx) => controls.complete(tx));
      });
      const segment = await enqueue(zombie);
      await delivered(segment);
      const heir = await started({ slots: 1 }, untilOpened);
      await testbed.expireLeases();
      const second = await delivered(segment, 2);
      const first = await delivered(segment);
      await eventually("the first handler to be told", async () => first.controls.signal.aborted);
      if (second.by === heir) expect((await heir.describe(segment)).state).toBe("active");
      second.gate.open();
      await settled(heir, segment);
    });

    test("keeps the lease of a segment that came back to the process that lost it", async () => {
      const engine = await started({ slots: 2 }, async (delivery) => {
        const isFirst = deliveriesOf(delivery.segment).length === 1;
        await (isFirst ? delivery.gate.opened : untilOpened(delivery));
      });
      const segment = await enqueue(engine);
      const first = await delivered(segment);
      await testbed.expireLeases();
      const second = await delivered(segment, 2);
      await eventually("the first handler to be told", async () => first.controls.signal.aborted);
      expect(second.controls.signal.aborted).toBe(false);
      first.gate.open();
      // Once the old handler has gone, the new one can still be reached, so its lease is still kept too.
      await settled(engine, await runBehind(engine));
      await engine.cancel(segment);
      await eventually("the second handler to be told", async () => second.controls.signal.aborted);
    });

    /** Runs one more segment to its end, after which earlier handlers that could return have returned. */
    const runBehind = async (engine: Engine): Promise<Segment> => {
      const segment = await enqueue(engine, "turn");
      (await delivered(segment)).gate.open();
      const again = deliveriesOf(segment)[0];
      if (again !== undefined) await complete(again);
      return segment;
    };

    test("aborts a running handler on cancel, also one in another process", async () => {
      const worker = await started({}, ({ controls }) => aborted(controls.signal));
      const elsewhere = await started({ slots: 0 });
      for (const engine of [worker, elsewhere]) {
        const segment = await enqueue(worker);
        const { controls } = await delivered(segment);
        expect(controls.signal.aborted).toBe(false);
        await engine.cancel(segment);
        await eventually("the signal", async () => controls.signal.aborted);
      }
    });

    // A hint only: an engine may still deliver it, and the row then refuses. This one is expected to spare the way.
    test("does not deliver a queued segment that was cancelled", async () => {
      const engine = await started({ slots: 0 });
      const cancelled = await enqueue(engine);
      await engine.cancel(cancelled);
      const worker = await started();
      await settled(worker, await enqueue(worker));
      expect(deliveriesOf(cancelled)).toEqual([]);
    });

    test("tells handlers that it stops, and waits for them", async () => {
      const engine = await started({}, async (delivery) => {
        await aborted(delivery.controls.stopping);
        await untilOpened(delivery);
      });
      const { controls, gate } = await delivered(await enqueue(engine));
      let hasStopped = false;
      const stopped = engine.stop({ graceMs: 60_000 }).then(() => (hasStopped = true));
      await aborted(controls.stopping);
      await testbed.transaction((tx) => tx.executeSql("select 1"));
      expect([hasStopped, controls.signal.aborted]).toEqual([false, false]);
      gate.open();
      await stopped;
      engines.splice(engines.indexOf(engine), 1);
    });

    test("aborts what has not returned when the grace is over, and delivers it elsewhere", async () => {
      const engine = await started({}, async ({ gate }) => gate.opened);
      const segment = await enqueue(engine);
      const { controls } = await delivered(segment);
      await engine.stop({ graceMs: 1 });
      engines.splice(engines.indexOf(engine), 1);
      expect(controls.signal.aborted).toBe(true);
      const heir = await started();
      await testbed.expireLeases();
      await settled(heir, segment);
    });

    test("takes nothing more once it stops", async () => {
      const engine = await started();
      await settled(engine, await enqueue(engine));
      await engine.stop({ graceMs: 1000 });
      engines.splice(engines.indexOf(engine), 1);
      const other = await started({ slots: 0 });
      const segment = await enqueue(other);
      const heir = await started();
      await settled(heir, segment);
      expect(deliveriesOf(segment).map(({ by }) => by === heir)).toEqual([true]);
    });

    test("shares the work with a second engine, each segment once while leases hold", async () => {
      const both = [await started({ slots: 2 }, untilOpened), await started({ slots: 2 }, untilOpened)];
      const [one] = both;
      if (one === undefined) throw new Error("There are two.");
      const segments = await Promise.all(Array.from({ length: 4 }, () => enqueue(one)));
      for (const engine of both) engine.wake("bgo");
      await eventually("both to be busy", async () => deliveries.length === 4);
      expect(both.map((engine) => deliveries.filter(({ by }) => by === engine).length)).toEqual([2, 2]);
      for (const { gate } of deliveries) gate.open();
      await Promise.all(segments.map((segment) => settled(one, segment)));
      expect(deliveries).toHaveLength(4);
    });

    test("finds work without any hint", async () => {
      const deaf = await started({ isDeaf: true });
      const other = await testbed.open({ slots: { bgo: 0, turn: 0 }, isDeaf: true });
      engines.push(other);
      const segment = newSegment("turn");
      await testbed.transaction((tx) => other.enqueue(tx, segment));
      expect(await settled(deaf, segment)).toBe(true);
    });

    test("describes a segment from queue to end, and tells that it does not know one", async () => {
      const engine = await started({ slots: 0 });
      const segment = await enqueue(engine);
      const state = async (of: Segment): Promise<string> => (await engine.describe(of)).state;
      expect(await state(segment)).toBe("queued");
      await started({}, untilOpened);
      const { gate } = await delivered(segment);
      expect(await state(segment)).toBe("active");
      gate.open();
      await settled(engine, segment);
      expect(await state(newSegment("bgo"))).toBe("lost");
    });
  });
}

function newSegment(ownerKind: OwnerKind): Segment {
  const ownerId = systemIdentity.newId(ownerKind);
  return { id: systemIdentity.newSegmentId(), ownerId, ownerKind };
}
