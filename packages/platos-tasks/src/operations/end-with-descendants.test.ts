import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { isTerminal } from "../core/lifecycle.ts";
import type { BgoRow } from "../core/ports/store.ts";
import { createBarrier } from "../testing/gate.ts";
import { noCompletion, useRuntime } from "../testing/runtime-fixture.ts";
import { cancelBgo } from "./cancel-bgo.ts";
import { deleteThread } from "./delete-thread.ts";
import { finishBgo } from "./finish-bgo.ts";
import { suspendBgo } from "./waits/suspend-bgo.ts";

const fixture = useRuntime();

const cancel = (bgo: BgoRow) => cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });

const finish = (bgo: BgoRow, status: "completed" | "failed" = "completed") =>
  finishBgo(fixture.operations, bgo, {
    result:
      status === "completed"
        ? { status, output: "done" }
        : { status, output: null, error: { code: "model.failed", message: "it broke" } },
    complete: noCompletion,
  });

const waitFor = (bgo: BgoRow, child: BgoRow) =>
  suspendBgo(fixture.operations, bgo, {
    calls: [{ callId: "wait", tool: "wait_for_bgo", request: { kind: "bgo", bgoId: child.id, timeoutSeconds: 60 } }],
    lastSteps: [],
    complete: noCompletion,
  });

const waitOf = async (bgo: BgoRow) => (await fixture.operations.store.autocommit.waitpoints.listOf(bgo.id))[0];

/** A running BGO and its running child; in a thread that was deleted since, if told so. */
async function family({ isHomeless }: { readonly isHomeless: boolean }): Promise<{ parent: BgoRow; child: BgoRow }> {
  const { bgo: parent } = await fixture.claim((await fixture.spawn()).id);
  const { bgo: child } = await fixture.claim((await fixture.spawn({ parent: { kind: "bgo", bgo: parent } })).id);
  if (isHomeless) await deleteThread(fixture.operations, fixture.caller, parent.threadId);
  return { parent, child };
}

/** Deadlocks that the database has broken; transactions that were are tried again, which would hide them. */
async function deadlocks(): Promise<number> {
  const [row] = await fixture.database.query<{ deadlocks: string }>(
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  return Number(row?.deadlocks);
}

/** Both at once, but for some rounds in which one is over before the other begins: no order is left to luck. */
async function race<One, Other>(
  round: number,
  one: () => Promise<One>,
  other: () => Promise<Other>,
): Promise<[One, Other]> {
  const place = round % 10;
  if (place < 2) return [await one(), await other()];
  if (place === 4 || place === 5) {
    const second = await other();
    return [await one(), second];
  }
  const arrive = createBarrier(2);
  return Promise.all([arrive().then(one), arrive().then(other)]);
}

test.each([
  ["200 races, in a thread that is there", 200, false],
  ["100 races, in a thread that was deleted", 100, true],
])(
  "a BGO that begins to wait while its child ends always learns of it, in %s",
  async (_what, rounds, isHomeless) => {
    verifies("P11.a");
    const first = { wait: 0, end: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const { parent, child } = await family({ isHomeless });
      const isCancelled = round % 4 < 2;
      const [suspended] = await race<boolean, unknown>(
        round,
        () => waitFor(parent, child),
        () => (isCancelled ? cancel(child) : finish(child)),
      );
      expect(suspended).toBe(true);
      const status = isCancelled ? "cancelled" : "completed";
      const wait = await waitOf(parent);
      expect(wait).toMatchObject({ status: "completed", resolution: { bgoId: child.id, status } });
      expect((await fixture.bgo(parent.id)).status).toBe("queued");
      // Who resolved it tells which was first: the wait that found the end, or the end that found the wait.
      if (isCancelled) first[wait?.resolvedBy?.type === "worker" ? "end" : "wait"] += 1;
    }
    // Otherwise one of the orders was never tried.
    expect(Math.min(first.wait, first.end)).toBeGreaterThan(0);
    expect(await deadlocks()).toBe(0);
  },
  120_000,
);

test.each([
  ["a thread that is there", false],
  ["a thread that was deleted", true],
])(
  "in 100 races of a parent's end with its child's, each ends once and none stands in the other's way, in %s",
  async (_what, isHomeless) => {
    verifies("P17.a", "P12");
    const seen = new Set<string>();
    for (let round = 0; round < 100; round += 1) {
      const { parent, child } = await family({ isHomeless });
      const waits = round % 2 === 0;
      if (waits) await waitFor(parent, child);
      await race<unknown, unknown>(
        round,
        () => (waits ? cancel(parent) : finish(parent, "failed")),
        () => finish(child),
      );
      const ends = [await fixture.bgo(parent.id), await fixture.bgo(child.id)].map(({ status }) => status);
      seen.add(ends.join(" and "));
      expect(ends[0]).toBe(waits ? "cancelled" : "failed");
      expect(["completed", "cancelled"]).toContain(ends[1]);
      if (!isHomeless) expect(await fixture.messages(parent.threadId)).toHaveLength(2);
    }
    expect(seen.size).toBeGreaterThan(2);
    expect(await deadlocks()).toBe(0);
  },
  120_000,
);

test("in 100 races of a spawn with the cancel of its parent, no child is left behind", async () => {
  verifies("P17.a", "P5.c");
  const seen = new Set<string>();
  for (let round = 0; round < 100; round += 1) {
    const { bgo: parent } = await fixture.claim((await fixture.spawn()).id);
    const spawning = () => fixture.spawn({ parent: { kind: "bgo", bgo: parent } });
    const [spawned] = await race(
      round,
      () => Promise.allSettled([spawning()]).then(([settled]) => settled),
      () => cancel(parent),
    );
    seen.add(spawned.status);
    if (spawned.status === "rejected") expect(spawned.reason).toMatchObject({ code: "segment.superseded" });
    else expect((await fixture.bgo(spawned.value.id)).status).toBe("cancelled");
  }
  expect([...seen].toSorted()).toEqual(["fulfilled", "rejected"]);
}, 120_000);

test("a cancel of a large family holds whatever its members are doing", async () => {
  verifies("P17.a");
  const { bgo: root } = await fixture.claim((await fixture.spawn()).id);
  const childOf = (bgo: BgoRow) => fixture.spawn({ parent: { kind: "bgo", bgo } });
  const children = await Promise.all(Array.from({ length: 8 }, () => childOf(root)));
  const grandchildren = (await Promise.all(children.map((bgo) => Promise.all([childOf(bgo), childOf(bgo)])))).flat();
  const all = [...children, ...grandchildren];
  // Claims and ends from every side, while the cancel goes down.
  await Promise.all([
    cancel(root),
    ...all.map(async ({ id }) => {
      const claimed = await fixture.claim(id).catch(() => null);
      if (claimed !== null) await finish(claimed.bgo);
    }),
  ]);
  const rows = await Promise.all(all.map(({ id }) => fixture.bgo(id)));
  expect(rows.filter(({ status }) => !isTerminal(status))).toEqual([]);
  expect(await fixture.messages(root.threadId)).toHaveLength(all.length + 1);
  expect(await deadlocks()).toBe(0);
});

test("the end of a BGO without parent asks for nobody's waits, and a success for no descendants", async () => {
  const asked: string[] = [];
  const { store } = fixture.operations;
  const watched: typeof store = {
    ...store,
    transaction: (name, run) =>
      store.transaction(name, (tx) =>
        run({
          ...tx,
          bgos: {
            ...tx.bgos,
            lockLiveDescendants: (id) => (asked.push("descendants"), tx.bgos.lockLiveDescendants(id)),
          },
          waitpoints: {
            ...tx.waitpoints,
            listOpenByTarget: (id) => (asked.push("waits"), tx.waitpoints.listOpenByTarget(id)),
          },
        }),
      ),
  };
  const ctx = { ...fixture.operations, store: watched };
  const { bgo } = await fixture.claim((await fixture.spawn()).id);
  await finishBgo(ctx, bgo, { result: { status: "completed", output: "done" }, complete: noCompletion });
  expect(asked).toEqual([]);
  await cancelBgo(ctx, fixture.caller, { bgoId: (await fixture.spawn()).id });
  expect(asked).toEqual(["descendants"]);
});
