import type { PgBoss } from "pg-boss";
import { expect, onTestFinished, test, vi } from "vitest";
import type { DeliveryControls, SegmentHandler } from "../../core/ports/engine.ts";
import { silentLog } from "../../core/ports/log.ts";
import { aborted, createGate, type Gate } from "../../testing/gate.ts";
import { Fetcher, type FetcherOptions } from "./fetcher.ts";

function fetcherOn(
  fetch: (queue: string, options: { readonly batchSize: number }) => Promise<object[]>,
  handler: SegmentHandler,
  {
    slots = 1,
    takeExpired = async () => [],
    touch = async () => [],
  }: Partial<Pick<FetcherOptions, "slots" | "takeExpired">> & { readonly touch?: () => Promise<string[]> } = {},
): Fetcher {
  const boss = { fetch, touch: async () => ({ settled: await touch() }) } as unknown as PgBoss;
  return new Fetcher({ boss, takeExpired, ownerKind: "bgo", slots, handler, log: silentLog });
}

const lost = { id: "0190d6a1-0000-7000-8000-000000000001", retryCount: 1, data: { ownerId: "bgo_2" } };
const job = { id: "0190d6a1-0000-7000-8000-000000000000", retryCount: 0, data: { ownerId: "bgo_1" } };

/** Gives what lets so many milliseconds pass. */
function fakeClock(): (ms: number) => Promise<void> {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  return async (ms) => void (await vi.advanceTimersByTimeAsync(ms));
}

/** A handler that notes what it is given, and holds each until it is the next one to end. */
function heldSegments(): {
  readonly delivered: readonly string[];
  readonly handler: SegmentHandler;
  readonly endNext: () => void;
} {
  const delivered: string[] = [];
  const held: Gate[] = [];
  return {
    delivered,
    handler: async ({ id }, { signal }) => {
      delivered.push(id);
      const end = createGate();
      held.push(end);
      await Promise.race([end.opened, aborted(signal)]);
    },
    endNext: () => held.shift()?.open(),
  };
}

test("a segment that was on its way when the fetcher stops is given back before it has stopped", async () => {
  const asked = createGate();
  const answer = createGate();
  let seen: DeliveryControls | null = null;
  const fetcher = fetcherOn(
    async () => {
      asked.open();
      await answer.opened;
      return [job];
    },
    async (_segment, controls) => {
      seen = controls;
    },
  );
  await asked.opened;
  let hasStopped = false;
  const stopped = fetcher.stop(60_000).then(() => (hasStopped = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasStopped).toBe(false);
  answer.open();
  await stopped;
  expect(seen).toMatchObject({ stopping: { aborted: true } });
});

test("a fetch that fails is tried again", async () => {
  const delivered = createGate();
  let tries = 0;
  const fetcher = fetcherOn(
    async () => {
      tries += 1;
      if (tries === 1) throw new Error("the database is away");
      return tries === 2 ? [job] : [];
    },
    async () => delivered.open(),
  );
  await delivered.opened;
  await fetcher.stop(60_000);
  expect(tries).toBeGreaterThanOrEqual(2);
});

test("what others have lost is taken with free slots, and what waits with those that are left", async () => {
  const asked: number[] = [];
  const delivered = createGate();
  const fetcher = fetcherOn(
    async (_queue, { batchSize }) => {
      asked.push(batchSize);
      return [job];
    },
    async (segment, { signal }) => {
      if (segment.id === job.id) delivered.open();
      await aborted(signal);
    },
    {
      slots: 2,
      takeExpired: async (limit) => {
        asked.push(limit);
        return [lost];
      },
    },
  );
  await delivered.opened;
  fetcher.wake();
  await new Promise((resolve) => setImmediate(resolve));
  await fetcher.stop(0);
  expect(asked).toEqual([2, 1]);
});

test("with a backlog, a worker that has just started first takes a segment that has lost its worker", async () => {
  const delivered: string[] = [];
  const first = createGate();
  const fetcher = fetcherOn(
    async () => [job],
    async ({ id }, { signal }) => {
      delivered.push(id);
      first.open();
      await aborted(signal);
    },
    { takeExpired: async () => [lost] },
  );
  await first.opened;
  await fetcher.stop(0);
  expect(delivered).toEqual([lost.id]);
});

test("with a backlog, a slot that comes free goes to a segment that has lost its worker, as often as it polls", async () => {
  const advance = fakeClock();
  const { delivered, handler, endNext } = heldSegments();
  let isLost = false;
  const fetcher = fetcherOn(async () => [{ ...job, id: "queued" }], handler, {
    takeExpired: async () => (isLost ? [lost] : []),
  });
  await advance(0);
  isLost = true;
  endNext();
  await advance(1000);
  endNext();
  // A look finds no free slot.
  await advance(1400);
  endNext();
  await advance(0);
  await Promise.all([fetcher.stop(0), advance(1000)]);
  expect(delivered).toEqual(["queued", "queued", "queued", lost.id]);
});

test("who has just got the database back takes nothing from those who could not speak either", async () => {
  const advance = fakeClock();
  const events: { readonly what: "look" | "fetch"; readonly atMs: number }[] = [];
  const fetcher = fetcherOn(
    async () => {
      events.push({ what: "fetch", atMs: performance.now() });
      if (events.length === 2) throw new Error("the database is away");
      return [];
    },
    async () => undefined,
    {
      takeExpired: async () => {
        events.push({ what: "look", atMs: performance.now() });
        return [];
      },
    },
  );
  await advance(3000);
  const [before, failed, back, ...later] = events;
  expect([before?.what, failed?.what, back?.what]).toEqual(["look", "fetch", "fetch"]);
  const look = later.find(({ what }) => what === "look");
  expect((look?.atMs ?? 0) - (back?.atMs ?? 0)).toBeGreaterThanOrEqual(700);
  await Promise.all([fetcher.stop(0), advance(1000)]);
});

test("with a backlog, lost segments go first until there are none", async () => {
  const advance = fakeClock();
  const { delivered, handler, endNext } = heldSegments();
  const looks = ["first", "second"];
  const fetcher = fetcherOn(async () => [{ ...job, id: "queued" }], handler, {
    takeExpired: async () => looks.splice(0, 1).map((id) => ({ ...lost, id })),
  });
  await advance(10);
  endNext();
  await advance(10);
  endNext();
  await advance(10);
  await Promise.all([fetcher.stop(0), advance(1000)]);
  expect(delivered).toEqual(["first", "second", "queued"]);
});

test("a lease that was not confirmed for seconds is asked about before more is done under it", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  let kept = [job.id];
  let asked = 0;
  const delivered = Promise.withResolvers<DeliveryControls>();
  const fetcher = fetcherOn(
    async () => [job],
    async (_segment, controls) => {
      delivered.resolve(controls);
      await aborted(controls.signal);
    },
    {
      touch: async () => {
        asked += 1;
        return kept;
      },
    },
  );
  const { confirmLease, signal } = await delivered.promise;
  await confirmLease();
  expect(asked).toBe(0);
  // As after a freeze: the time is gone, and no timer has run.
  vi.advanceTimersByTime(20_000);
  await confirmLease();
  await confirmLease();
  expect(asked).toBe(1);
  kept = [];
  vi.advanceTimersByTime(20_000);
  await expect(confirmLease()).rejects.toMatchObject({ code: "segment.superseded" });
  expect(signal.aborted).toBe(true);
  await fetcher.stop(0);
});
