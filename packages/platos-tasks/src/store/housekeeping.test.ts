import { afterAll, beforeAll, expect, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { Json } from "../core/json.ts";
import { silentLog } from "../core/ports/log.ts";
import type { AuditQueries } from "../core/ports/store.ts";
import type { Caller } from "../operations/context.ts";
import { createGate } from "../testing/gate.ts";
import { useRuntime } from "../testing/runtime-fixture.ts";
import { createTestTenant } from "../testing/test-runtime.ts";
import { sealAudit } from "../testing/seal-audit.ts";
import { Database } from "./database.ts";
import { auditHash, Housekeeping } from "./housekeeping.ts";

const fixture = useRuntime();
let database: Database;
let housekeeping: Housekeeping;

beforeAll(() => {
  database = new Database({ connectionString: fixture.database.connectionString, poolSize: 4, log: silentLog });
  housekeeping = new Housekeeping(database);
});
afterAll(() => database.close());

interface Entry {
  readonly id: string;
  readonly xid: string;
  readonly env_id: string;
  readonly at: Date;
  readonly actor_type: string;
  readonly actor_id: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly details: Json;
  readonly seq: string | null;
  readonly hash: string | null;
}
const chainOf = ({ scope }: Caller) =>
  fixture.database.query<Entry & Record<string, unknown>>(
    "select * from platos.audit_entries where env_id = $1 order by seq nulls last",
    [scope.envId],
  );

const append = (audit: AuditQueries, { scope, actor }: Caller, action: string) =>
  audit.append(scope, {
    actor,
    action,
    targetType: "test",
    targetId: "t",
    details: { odd: "\0", number: 1.5, deep: [null] },
  });

function verify(chain: readonly Entry[]): void {
  let previous = "genesis";
  for (const [index, entry] of chain.entries()) {
    expect(Number(entry.seq)).toBe(index + 1);
    expect(entry.hash).toBe(auditHash(previous, { ...entry, seq: index + 1 }));
    previous = entry.hash ?? "";
  }
}

test("each environment's sealed entries are a chain without a gap, also with several sealers at once", async () => {
  verifies("P18");
  const callers = [await createTestTenant(fixture.runtime), await createTestTenant(fixture.runtime)];
  const { audit } = fixture.operations.store.autocommit;
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(
      Array.from({ length: 240 }, (_, index) => append(audit, callers[index % 2] ?? fixture.caller, `test.${index}`)),
    );
    await Promise.all(Array.from({ length: 3 }, () => housekeeping.run()));
  }
  for (const caller of callers) {
    await sealAudit(database);
    const chain = await chainOf(caller);
    expect(chain).toHaveLength(600);
    const xids = chain.map(({ xid }) => BigInt(xid));
    expect(xids).toEqual(xids.toSorted((left, right) => (left < right ? -1 : 1)));
    verify(chain);
  }
});

test("entries are sealed in the order of their transactions, also when an earlier one commits late", async () => {
  const caller = await createTestTenant(fixture.runtime);
  const [written, mayCommit] = [createGate(), createGate()];
  const slow = fixture.operations.store.transaction("slow", async (tx) => {
    await append(tx.audit, caller, "test.slow");
    written.open();
    await mayCommit.opened;
  });
  await written.opened;
  await append(fixture.operations.store.autocommit.audit, caller, "test.fast");
  await housekeeping.run();
  mayCommit.open();
  await slow;
  await sealAudit(database);
  const chain = await chainOf(caller);
  expect(chain.map(({ seq, action }) => [Number(seq), action])).toEqual([
    [1, "test.slow"],
    [2, "test.fast"],
  ]);
  verify(chain);
});

test("a changed, a moved and a missing entry break the chain", async () => {
  const caller = await createTestTenant(fixture.runtime);
  for (let count = 0; count < 3; count += 1)
    await append(fixture.operations.store.autocommit.audit, caller, `test.${count}`);
  await sealAudit(database);
  const chain = await chainOf(caller);
  verify(chain);
  const [one, two, three] = chain;
  if (one === undefined || two === undefined || three === undefined) throw new Error("There are three.");
  for (const forged of [
    [{ ...one, action: "test.forged" }, two, three],
    [one, three],
    [two, one, three],
    [one, { ...two, at: new Date(0) }],
  ]) {
    expect(() => verify(forged)).toThrow(/expected .* to be/u);
  }
});

test("old events go, younger ones stay, and the log knows how far it was pruned", async () => {
  const [before] = [await fixture.spawn(), await fixture.spawn()];
  await fixture.database.query("update platos.events set created_at = now() - interval '8 days' where bgo_id = $1", [
    before.id,
  ]);
  await housekeeping.pruneEvents();
  const left = await fixture.database.query("select id from platos.events where bgo_id = $1", [before.id]);
  expect(left).toEqual([]);
  const young = await fixture.database.query("select id from platos.events");
  expect(young.length).toBeGreaterThan(0);
  const [state] = await fixture.database.query(
    "select pruned_through is not null as pruned from platos.event_log_state",
  );
  expect(state).toEqual({ pruned: true });
});
