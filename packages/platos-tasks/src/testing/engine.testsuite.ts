import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Engine, Segment } from "../core/ports/engine.ts";
import { type Delivery, EngineBench, type EngineTestbed, newSegment } from "./engine-bench.ts";
import { aborted } from "./gate.ts";
import { eventually } from "./test-runtime.ts";

/** What every engine must do, whatever it is made of. */
export function describeEngine(name: string, createTestbed: () => Promise<EngineTestbed>): void {
  describe(`the ${name} engine`, () => {
    let bench: EngineBench;
    let testbed: EngineTestbed;

    beforeEach(async () => {
      testbed = await createTestbed();
      bench = new EngineBench(testbed);
    });

    afterEach(() => bench.close());

    const untilOpened = async (delivery: Delivery): Promise<void> => {
      await delivery.gate.opened;
      await bench.complete(delivery);
    };

    test("delivers a segment of each kind with its ids", async () => {
      const engine = await bench.start();
      for (const ownerKind of ["bgo", "turn"] as const) {
        const segment = await bench.enqueue(engine, ownerKind);
        expect((await bench.delivered(segment)).segment).toEqual(segment);
      }
    });

    test("does not deliver what a rolled back transaction has enqueued", async () => {
      const engine = await bench.start();
      const never = newSegment("bgo");
      const refused = testbed.transaction(async (tx) => {
        await engine.enqueue(tx, never);
        throw new Error("the caller changed its mind");
      });
      await expect(refused).rejects.toThrow("the caller changed its mind");
      await bench.delivered(await bench.enqueue(engine));
      expect(bench.deliveriesOf(never)).toEqual([]);
      expect((await engine.describe(never)).state).toBe("lost");
    });

    test("delivers only after the commit", async () => {
      const engine = await bench.start();
      const open = newSegment("bgo");
      await testbed.transaction(async (tx) => {
        await engine.enqueue(tx, open);
        engine.wake("bgo");
        // Others overtake it: the engine is looking and does not see it.
        await bench.delivered(await bench.enqueue(engine));
        expect(bench.deliveriesOf(open)).toEqual([]);
      });
      engine.wake("bgo");
      await bench.delivered(open);
    });

    test("takes an id that is enqueued twice as one segment", async () => {
      const engine = await bench.start({ slots: 0 });
      const segment = newSegment("bgo");
      await testbed.transaction((tx) => engine.enqueue(tx, segment));
      await testbed.transaction((tx) => engine.enqueue(tx, segment));
      const worker = await bench.start({ slots: 4 });
      await bench.settled(worker, segment);
      await bench.settled(worker, await bench.enqueue(worker));
      expect(bench.deliveriesOf(segment)).toHaveLength(1);
    });

    test("never runs more than its slots at once, and fills them again", async () => {
      const engine = await bench.start({ slots: 3 }, untilOpened);
      const segments: Segment[] = [];
      for (let count = 0; count < 7; count += 1) segments.push(await bench.enqueue(engine));
      let finished = 0;
      while (finished < segments.length) {
        const running = Math.min(3, segments.length - finished);
        await eventually("the slots to be full", async () => bench.deliveries.length === finished + running);
        // Another one would have come with the same fetch.
        await engine.describe(newSegment("bgo"));
        expect(bench.deliveries).toHaveLength(finished + running);
        bench.deliveries[finished]?.gate.open();
        finished += 1;
      }
      await Promise.all(segments.map((segment) => bench.settled(engine, segment)));
      expect(new Set(bench.deliveries.map(({ segment }) => segment.id)).size).toBe(7);
    });

    test("delivers again what was not completed when its handler threw", async () => {
      const engine = await bench.start({}, async (delivery) => {
        if (bench.deliveriesOf(delivery.segment).length === 1) throw new Error("the handler fell over");
        await bench.complete(delivery);
      });
      const segment = await bench.enqueue(engine);
      await bench.delivered(segment);
      await testbed.expireLeases();
      await bench.settled(engine, segment);
      expect(bench.deliveriesOf(segment)).toHaveLength(2);
    });

    test("delivers again when the transaction that completed it was rolled back", async () => {
      const engine = await bench.start({}, async (delivery) => {
        if (bench.deliveriesOf(delivery.segment).length > 1) return bench.complete(delivery);
        await testbed.transaction(async (tx) => {
          await delivery.controls.complete(tx);
          throw new Error("rolled back");
        });
      });
      const segment = await bench.enqueue(engine);
      await bench.delivered(segment);
      await testbed.expireLeases();
      await bench.delivered(segment, 2);
      expect(await bench.settled(engine, segment)).toBe(true);
    });

    test("aborts a handler whose lease was lost, and its completion is not the next one's", async () => {
      const zombie = await bench.start({ slots: 1 }, async (delivery) => {
        // Once its slot is free, the loser of the lease may be the one that gets the segment again.
        if (bench.deliveriesOf(delivery.segment).length > 1) return untilOpened(delivery);
        await aborted(delivery.controls.signal);
        await testbed.transaction((tx) => delivery.controls.complete(tx));
      });
      const segment = await bench.enqueue(zombie);
      await bench.delivered(segment);
      const heir = await bench.start({ slots: 1 }, untilOpened);
      await testbed.expireLeases();
      const second = await bench.delivered(segment, 2);
      const first = await bench.delivered(segment);
      expect(await second.controls.holdsLease()).toBe(true);
      expect(await first.controls.holdsLease()).toBe(false);
      await eventually("the first handler to be told", async () => first.controls.signal.aborted);
      if (second.by === heir) expect((await heir.describe(segment)).state).toBe("active");
      second.gate.open();
      await bench.settled(heir, segment);
    });

    test("keeps the lease of a segment that came back to the process that lost it", async () => {
      const engine = await bench.start({ slots: 2 }, async (delivery) => {
        const isFirst = bench.deliveriesOf(delivery.segment).length === 1;
        await (isFirst ? delivery.gate.opened : untilOpened(delivery));
      });
      const segment = await bench.enqueue(engine);
      const first = await bench.delivered(segment);
      await testbed.expireLeases();
      const second = await bench.delivered(segment, 2);
      await eventually("the first handler to be told", async () => first.controls.signal.aborted);
      expect(second.controls.signal.aborted).toBe(false);
      first.gate.open();
      // Once the old handler has gone, the new one can still be reached, so its lease is still kept too.
      await bench.settled(engine, await runBehind(engine));
      await bench.cancel(engine, segment);
      await eventually("the second handler to be told", async () => second.controls.signal.aborted);
    });

    /** Runs one more segment to its end, after which earlier handlers that could return have returned. */
    const runBehind = async (engine: Engine): Promise<Segment> => {
      const segment = await bench.enqueue(engine, "turn");
      (await bench.delivered(segment)).gate.open();
      const again = bench.deliveriesOf(segment)[0];
      if (again !== undefined) await bench.complete(again);
      return segment;
    };

    test("aborts a running handler on cancel, also one in another process", async () => {
      const worker = await bench.start({}, ({ controls }) => aborted(controls.signal));
      const elsewhere = await bench.start({ slots: 0 });
      for (const engine of [worker, elsewhere]) {
        const segment = await bench.enqueue(worker);
        const { controls } = await bench.delivered(segment);
        expect(controls.signal.aborted).toBe(false);
        await bench.cancel(engine, segment);
        await eventually("the signal", async () => controls.signal.aborted);
      }
    });

    test("aborts a running handler though the hint of its cancel is lost", async () => {
      const worker = await bench.start({}, ({ controls }) => aborted(controls.signal));
      const segment = await bench.enqueue(worker);
      const { controls } = await bench.delivered(segment);
      await testbed.transaction((tx) => worker.cancel(tx, segment));
      await eventually("the signal", async () => controls.signal.aborted);
    });

    test("does not deliver a queued segment that was cancelled", async () => {
      const engine = await bench.start({ slots: 0 });
      const cancelled = await bench.enqueue(engine);
      await bench.cancel(engine, cancelled);
      const worker = await bench.start();
      await bench.settled(worker, await bench.enqueue(worker));
      expect(bench.deliveriesOf(cancelled)).toEqual([]);
    });

    test("tells handlers that it stops, and waits for them", async () => {
      const engine = await bench.start({}, async (delivery) => {
        await aborted(delivery.controls.stopping);
        await untilOpened(delivery);
      });
      const { controls, gate } = await bench.delivered(await bench.enqueue(engine));
      let hasStopped = false;
      const stopped = bench.stop(engine, 60_000).then(() => (hasStopped = true));
      await aborted(controls.stopping);
      await testbed.transaction((tx) => tx.executeSql("select 1"));
      expect([hasStopped, controls.signal.aborted]).toEqual([false, false]);
      gate.open();
      await stopped;
    });

    test("aborts what has not returned when the grace is over, and delivers it elsewhere", async () => {
      const engine = await bench.start({}, async ({ gate }) => gate.opened);
      const segment = await bench.enqueue(engine);
      const { controls } = await bench.delivered(segment);
      await bench.stop(engine, 1);
      expect(controls.signal.aborted).toBe(true);
      const heir = await bench.start();
      await testbed.expireLeases();
      await bench.settled(heir, segment);
    });

    test("presses those that have not returned when half the grace is over", async () => {
      const engine = await bench.start({}, async ({ controls }) => aborted(controls.hurrying));
      const { controls } = await bench.delivered(await bench.enqueue(engine));
      await bench.stop(engine, 200);
      expect([controls.hurrying.aborted, controls.signal.aborted]).toEqual([true, false]);
    });

    test("takes nothing more once it stops", async () => {
      const engine = await bench.start();
      await bench.settled(engine, await bench.enqueue(engine));
      await bench.stop(engine, 1000);
      const other = await bench.start({ slots: 0 });
      const segment = await bench.enqueue(other);
      const heir = await bench.start();
      await bench.settled(heir, segment);
      expect(bench.deliveriesOf(segment).map(({ by }) => by === heir)).toEqual([true]);
    });

    test("shares the work with a second engine, each segment once while leases hold", async () => {
      const both = [await bench.start({ slots: 2 }, untilOpened), await bench.start({ slots: 2 }, untilOpened)];
      const [one] = both;
      if (one === undefined) throw new Error("There are two.");
      const segments = await Promise.all(Array.from({ length: 4 }, () => bench.enqueue(one)));
      for (const engine of both) engine.wake("bgo");
      await eventually("both to be busy", async () => bench.deliveries.length === 4);
      expect(both.map((engine) => bench.deliveries.filter(({ by }) => by === engine).length)).toEqual([2, 2]);
      for (const { gate } of bench.deliveries) gate.open();
      await Promise.all(segments.map((segment) => bench.settled(one, segment)));
      expect(bench.deliveries).toHaveLength(4);
    });

    test("finds work without any hint", async () => {
      const deaf = await bench.start({ isDeaf: true });
      const other = await bench.start({ slots: 0, isDeaf: true });
      const segment = newSegment("turn");
      await testbed.transaction((tx) => other.enqueue(tx, segment));
      expect(await bench.settled(deaf, segment)).toBe(true);
    });

    test("describes a segment from queue to end, and tells that it does not know one", async () => {
      const engine = await bench.start({ slots: 0 });
      const segment = await bench.enqueue(engine);
      const state = async (of: Segment): Promise<string> => (await engine.describe(of)).state;
      expect(await state(segment)).toBe("queued");
      await bench.start({}, untilOpened);
      const { gate } = await bench.delivered(segment);
      expect(await state(segment)).toBe("active");
      gate.open();
      await bench.settled(engine, segment);
      expect(await state(newSegment("bgo"))).toBe("lost");
    });
  });
}
