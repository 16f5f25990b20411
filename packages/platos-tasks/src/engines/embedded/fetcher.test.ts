import type { PgBoss } from "pg-boss";
import { expect, test } from "vitest";
import type { DeliveryControls, SegmentHandler } from "../../core/ports/engine.ts";
import { silentLog } from "../../core/ports/log.ts";
import { aborted, createGate } from "../../testing/gate.ts";
import { Fetcher, type FetcherOptions } from "./fetcher.ts";

function fetcherOn(
  fetch: () => Promise<object[]>,
  handler: SegmentHandler,
  { slots = 1, takeExpired = async () => [] }: Partial<Pick<FetcherOptions, "slots" | "takeExpired">> = {},
): Fetcher {
  const boss = { fetch, touch: async () => ({ settled: [] }) } as unknown as PgBoss;
  return new Fetcher({ boss, takeExpired, ownerKind: "bgo", slots, handler, log: silentLog });
}

const lost = { id: "0190d6a1-0000-7000-8000-000000000001", retryCount: 1, data: { ownerId: "bgo_2" } };
const job = { id: "0190d6a1-0000-7000-8000-000000000000", retryCount: 0, data: { ownerId: "bgo_1" } };

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

test("what others have lost is taken with free slots, and never with more than there are", async () => {
  const asked: number[] = [];
  const delivered = createGate();
  const never = createGate();
  let isFirst = true;
  const fetcher = fetcherOn(
    async () => {
      const jobs = isFirst ? [job] : [];
      isFirst = false;
      return jobs;
    },
    async (segment, { signal }) => {
      if (segment.id === lost.id) delivered.open();
      await Promise.race([never.opened, aborted(signal)]);
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
  expect(asked).toEqual([1]);
});

test("with a backlog, the next slot goes to a segment that has lost its worker", async () => {
  const delivered: string[] = [];
  const ends = [createGate(), createGate()];
  const second = createGate();
  const fetcher = fetcherOn(
    async () => [{ ...job, id: `queued ${delivered.length}` }],
    async ({ id }, { signal }) => {
      delivered.push(id);
      if (delivered.length === 2) second.open();
      await Promise.race([ends[delivered.length - 1]?.opened, aborted(signal)]);
    },
    { takeExpired: async () => [lost] },
  );
  // The first look finds no free slot, and is owed.
  await new Promise((resolve) => setTimeout(resolve, 5));
  ends[0]?.open();
  await second.opened;
  await fetcher.stop(0);
  expect(delivered).toEqual(["queued 0", lost.id]);
});

test("who has just got the database back takes nothing from those who could not speak either", async () => {
  const events: string[] = [];
  const looked = createGate();
  const fetcher = fetcherOn(
    async () => {
      events.push("fetch");
      if (events.length === 1) throw new Error("the database is away");
      return [];
    },
    async () => undefined,
    {
      takeExpired: async () => {
        events.push("look");
        looked.open();
        return [];
      },
    },
  );
  await looked.opened;
  await fetcher.stop(0);
  expect(events.slice(0, 4)).toEqual(["fetch", "fetch", "fetch", "look"]);
});
