import { expect, test } from "vitest";
import type { Engine, Segment } from "../../packages/platos-tasks/src/core/ports/engine.ts";
import type { ModelPort } from "../../packages/platos-tasks/src/core/ports/model.ts";
import type { Store, Tx } from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { RuntimePorts } from "../../packages/platos-tasks/src/runtime.ts";
import { failingPorts } from "./failing-ports.ts";
import { parseFailpoint } from "./failpoint.ts";
import { FailpointGate } from "./failpoint-gate.ts";

/** What happened, in order: what reached the ports behind, and what the gate did. */
function bench(plan: string | null = null) {
  const happened: string[] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const note = async (what: string): Promise<never> => {
    happened.push(what);
    return null as never;
  };
  const tx = {
    executeSql: () => note("sql"),
    agents: {},
    threads: {},
    messages: {},
    turns: {},
    audit: {},
    access: {},
    waitpoints: {},
    schedules: {},
    bgos: { find: () => note("find"), transition: () => note("transition") },
    journal: { takeDue: async () => [], recordForBgo: () => note("record") },
  } as unknown as Tx;
  const store: Store = {
    autocommit: tx,
    async transaction(name, run) {
      const result = await run({ ...tx, lastly: () => undefined });
      happened.push(`commit ${name}`);
      return result;
    },
  };
  const engine = { name: "bench", enqueue: () => note("enqueue") } as unknown as Engine;
  const model: ModelPort = { respond: () => note("respond") };
  const gate = new FailpointGate(
    {
      reached: ({ action }) => void happened.push(`reached ${action}`),
      signal: (signal) => void happened.push(signal),
      released: () => released,
    },
    plan === null ? null : parseFailpoint(plan),
  );
  const plain = { store, engine, model, tools: [], clock: { now: () => new Date(0), sleep: async () => undefined } };
  return { ports: failingPorts(plain satisfies RuntimePorts, gate), gate, happened, release };
}

const record = (ports: RuntimePorts) =>
  ports.store.autocommit.journal.recordForBgo(
    { scope: { orgId: "", projectId: "", envId: "" }, id: "", epoch: 1 },
    [],
    "",
  );

const find = (tx: Tx) => tx.bgos.find({ orgId: "", projectId: "", envId: "" }, "");

const segment: Segment = { id: "segment", ownerId: "bgo", ownerKind: "bgo" };

test("calls are points under their names, counted, and statements within a transaction under the transaction's", async () => {
  const { ports, gate } = bench();
  await record(ports);
  await record(ports);
  await ports.store.transaction("deliver", async (tx) => {
    await find(tx);
    await ports.engine.enqueue(tx, segment);
  });
  expect(gate.seen).toEqual([
    { name: "journal.recordForBgo", kind: "statement", hits: 2, failed: [] },
    { name: "deliver/bgos.find", kind: "inner", hits: 1, failed: [] },
    { name: "engine.enqueue", kind: "engine_in_transaction", hits: 1, failed: [] },
    { name: "deliver", kind: "transaction", hits: 1, failed: [] },
  ]);
});

test("a look for due work that finds none is no point", async () => {
  const { ports, gate } = bench();
  await ports.store.transaction("wake due", (tx) => tx.journal.takeDue(1));
  expect(gate.seen).toEqual([]);
});

test("a fault comes at its hit and at no other", async () => {
  const { ports, happened } = bench("journal.recordForBgo.before#2=kill");
  await record(ports);
  await record(ports);
  await record(ports);
  expect(happened).toEqual(["record", "reached kill", "SIGKILL", "record", "record"]);
});

test("before a transaction's commit means: after its statements", async () => {
  const { ports, happened } = bench("deliver.before#1=throw");
  const ending = ports.store.transaction("deliver", find);
  await expect(ending).rejects.toMatchObject({ code: "store.unavailable", retryable: true });
  expect(happened).toEqual(["find", "reached throw"]);
});

test("a lost acknowledgement of a commit is an unknown commit that happened", async () => {
  const { ports, happened } = bench("deliver.on_acknowledgement#1=lose");
  await expect(ports.store.transaction("deliver", find)).rejects.toMatchObject({ code: "store.commit_unknown" });
  expect(happened).toEqual(["find", "commit deliver", "reached lose"]);
});

test("a lost acknowledgement of a single statement is a database that is away, and the statement happened", async () => {
  const { ports, happened } = bench("journal.recordForBgo.on_acknowledgement#1=lose");
  await expect(record(ports)).rejects.toMatchObject({ code: "store.unavailable" });
  expect(happened).toEqual(["record", "reached lose"]);
});

test("a held call goes on when it is released, and others do not wait for it", async () => {
  const { ports, happened, release } = bench("model.respond.before#1=hold");
  const held = ports.model.respond({} as never);
  await record(ports);
  expect(happened).toEqual(["reached hold", "record"]);
  release();
  await held;
  expect(happened).toEqual(["reached hold", "record", "respond"]);
});

test("during a call means: it has been made and is not over", async () => {
  const { ports, happened } = bench("journal.recordForBgo.during#1=stop");
  await record(ports);
  await new Promise((resolve) => setImmediate(resolve));
  expect(happened).toEqual(["record", "reached stop", "SIGSTOP"]);
});

test("a piece of streamed text is a point at which a process may die", async () => {
  const { ports, happened } = bench("model.text.before#1=kill");
  const heard: string[] = [];
  const model: ModelPort = {
    respond: async ({ onText }) => {
      onText?.({ text: "half", restart: false });
      return {} as never;
    },
  };
  const gate = new FailpointGate(
    { reached: () => undefined, signal: (signal) => void heard.push(signal), released: () => Promise.resolve() },
    parseFailpoint("model.text.before#1=kill"),
  );
  await failingPorts({ ...ports, model }, gate).model.respond({
    onText: ({ text }: { text: string }) => void heard.push(text),
  } as never);
  expect(heard).toEqual(["SIGKILL", "half"]);
  expect(happened).toEqual([]);
});
