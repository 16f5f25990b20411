import type { PgBoss } from "pg-boss";
import { expect, test } from "vitest";
import type { DeliveryControls, SegmentHandler } from "../../core/ports/engine.ts";
import { silentLog } from "../../core/ports/log.ts";
import { createGate } from "../../testing/gate.ts";
import { Fetcher } from "./fetcher.ts";

function fetcherOn(fetch: () => Promise<object[]>, handler: SegmentHandler, slots = 1): Fetcher {
  const boss = { fetch, touch: async () => ({ settled: [] }) } as unknown as PgBoss;
  return new Fetcher({ boss, ownerKind: "bgo", slots, handler, log: silentLog });
}

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
