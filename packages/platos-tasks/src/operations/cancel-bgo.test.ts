import { expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { nextYear } from "../testing/next-year.ts";
import { isTerminal, type Status, statuses, terminalMessageKind } from "../core/lifecycle.ts";
import type { Segment } from "../core/ports/engine.ts";
import type { BgoRow, Store } from "../core/ports/store.ts";
import { createBarrier } from "../testing/gate.ts";
import { noCompletion, useRuntime } from "../testing/runtime-fixture.ts";
import { createTestTenant } from "../testing/test-runtime.ts";
import { cancelBgo } from "./cancel-bgo.ts";
import type { OperationContext } from "./context.ts";
import { type BgoResult, finishBgo } from "./finish-bgo.ts";
import { getBgo } from "./get-bgo.ts";
import { wakeDue } from "./wake-due.ts";

const fixture = useRuntime();

const finish = async (bgo: BgoRow, result: BgoResult) =>
  finishBgo(fixture.operations, bgo, { result, complete: noCompletion });
const failure = { code: "model.failed", message: "it broke" } as const;

/** A BGO in each status, brought there as in life as far as life goes. */
const bgoIn: Readonly<Record<Status, () => Promise<BgoRow>>> = {
  scheduled: () => fixture.spawn({ runAt: nextYear() }),
  queued: () => fixture.spawn(),
  running: async () => (await fixture.claim((await fixture.spawn()).id)).bgo,
  async waiting() {
    const { bgo } = await fixture.claim((await fixture.spawn()).id);
    const text = "update platos.platos_tasks set status = 'waiting', segment_id = null where id = $1";
    await fixture.database.query(text, [bgo.id]);
    return bgo;
  },
  async completed() {
    const { bgo } = await fixture.claim((await fixture.spawn()).id);
    await finish(bgo, { status: "completed", output: "done" });
    return bgo;
  },
  async failed() {
    const { bgo } = await fixture.claim((await fixture.spawn()).id);
    await finish(bgo, { status: "failed", error: failure, output: null });
    return bgo;
  },
  async cancelled() {
    const bgo = await fixture.spawn();
    await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
    return bgo;
  },
};

const terminalKinds = async (bgo: BgoRow) =>
  (await fixture.messages(bgo.threadId)).filter(({ terminal }) => terminal).map(({ kind }) => kind);

test.each(statuses)("cancelling a BGO that is %s tells what really happened, once and again", async (status) => {
  verifies("P16", "P16.a");
  const bgo = await bgoIn[status]();
  const wasOver = isTerminal(status);
  const first = await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id, reason: "no more" });
  expect(first.outcome).toBe(wasOver ? `already_${status}` : "cancelled");
  const second = await cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id });
  expect(second.outcome).toBe(wasOver ? `already_${status}` : "already_cancelled");
  const after = await fixture.bgo(bgo.id);
  expect(after.status).toBe(wasOver ? status : "cancelled");
  expect(after.engineRunId).toBeNull();
  expect(await terminalKinds(bgo)).toEqual([terminalMessageKind[wasOver ? status : "cancelled"]]);
});

test("a cancel names who did it and why, in the audit log and in the message", async () => {
  verifies("P18");
  const bgo = await fixture.spawn({ label: "render" });
  const caller = { ...fixture.caller, actor: { type: "api_key", id: "key_1" } } as const;
  await cancelBgo(fixture.operations, caller, { bgoId: bgo.id, reason: "wrong file" });
  expect((await fixture.audit(bgo.id)).at(-1)).toMatchObject({
    action: "bgo.cancelled",
    actor: { type: "api_key", id: "key_1" },
    details: { reason: "wrong file" },
  });
  const [message] = await fixture.messages(bgo.threadId);
  expect(message?.parts).toEqual([{ type: "text", text: "“render” was cancelled: wrong file." }]);
});

test("of twenty cancels at once exactly one did it", async () => {
  verifies("P16");
  const bgo = await bgoIn.running();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id })),
  );
  expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
    ...Array.from({ length: 19 }, () => "already_cancelled"),
    "cancelled",
  ]);
  expect(await terminalKinds(bgo)).toEqual(["bgo_cancelled"]);
});

test("in 200 races of a cancel with a result one wins, and the one message is the winner's", async () => {
  verifies("P16", "P16.a", "P12");
  const seen = new Map<string, number>();
  for (let round = 0; round < 200; round += 1) {
    const bgo = await bgoIn.running();
    const arrive = createBarrier(2);
    const isFailure = round % 2 === 0;
    const [{ outcome }, delivered] = await Promise.all([
      arrive().then(() => cancelBgo(fixture.operations, fixture.caller, { bgoId: bgo.id })),
      arrive().then(() =>
        finish(
          bgo,
          isFailure ? { status: "failed", error: failure, output: null } : { status: "completed", output: "x" },
        ),
      ),
    ]);
    const { status } = await fixture.bgo(bgo.id);
    const result = isFailure ? "failed" : "completed";
    expect([outcome, delivered, status]).toEqual(
      outcome === "cancelled" ? ["cancelled", false, "cancelled"] : [`already_${result}`, true, result],
    );
    expect(await terminalKinds(bgo)).toEqual([terminalMessageKind[status as "failed"]]);
    const ends = (await fixture.audit(bgo.id)).filter(({ action }) => /\.(completed|failed|cancelled)$/u.test(action));
    expect(ends.map(({ action }) => action)).toEqual([`bgo.${status}`]);
    seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  // Otherwise these were no races.
  expect([...seen.keys()]).toContain("cancelled");
  expect(seen.size).toBeGreaterThan(1);
}, 120_000);

test("a worker that claims a BGO in the middle of its cancel is told as well", async () => {
  verifies("P17");
  const bgo = await fixture.spawn({ runAt: nextYear() });
  await fixture.database.query("update platos.platos_tasks set wake_at = now(), run_at = now() where id = $1", [
    bgo.id,
  ]);
  const told: Segment[] = [];
  const engine = Object.create(fixture.operations.engine) as OperationContext["engine"];
  engine.cancel = (tx, ...segments) => fixture.operations.engine.cancel(tx, ...segments);
  engine.interrupt = (segment) => void told.push(segment);
  let claimed: BgoRow | null = null;
  // After the cancel has read the row as scheduled, it is woken and claimed.
  const store = afterFirstFind(fixture.operations.store, async () => {
    await wakeDue(fixture.operations);
    claimed = (await fixture.claim(bgo.id)).bgo;
  });
  const { outcome } = await cancelBgo({ ...fixture.operations, store, engine }, fixture.caller, { bgoId: bgo.id });
  expect(outcome).toBe("cancelled");
  expect(claimed).not.toBeNull();
  expect(told.map(({ id }) => id)).toEqual([(claimed as BgoRow | null)?.engineRunId]);
});

function afterFirstFind(store: Store, then: () => Promise<void>): Store {
  let isFirst = true;
  return {
    ...store,
    transaction: (name, run) =>
      store.transaction(name, (tx) =>
        run({
          ...tx,
          bgos: {
            ...tx.bgos,
            async find(...what) {
              const found = await tx.bgos.find(...what);
              if (isFirst) {
                isFirst = false;
                await then();
              }
              return found;
            },
          },
        }),
      ),
  };
}

test("a BGO of another environment is not found, neither to read nor to cancel", async () => {
  verifies("P37");
  const other = await createTestTenant(fixture.runtime);
  const bgo = await fixture.spawn();
  const cancelled = cancelBgo(fixture.operations, other, { bgoId: bgo.id });
  await expect(cancelled).rejects.toMatchObject({ code: "bgo.not_found" });
  await expect(getBgo(fixture.operations, other, bgo.id)).rejects.toMatchObject({ code: "bgo.not_found" });
  expect((await fixture.bgo(bgo.id)).status).toBe("queued");
});
