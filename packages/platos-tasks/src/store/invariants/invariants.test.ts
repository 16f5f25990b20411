import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Agent } from "../../core/agent.ts";
import { silentLog } from "../../core/ports/log.ts";
import { defineTool } from "../../core/tool.ts";
import { cancelBgo } from "../../operations/cancel-bgo.ts";
import type { Caller } from "../../operations/context.ts";
import { deleteThread } from "../../operations/delete-thread.ts";
import { postMessage } from "../../operations/post-message.ts";
import { spawnBgo } from "../../operations/spawn-bgo.ts";
import type { Runtime } from "../../runtime.ts";
import { call, scriptedModelPort, text } from "../../testing/scripted-model-port.ts";
import { createTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
  eventually,
  openTestRuntime,
} from "../../testing/test-runtime.ts";
import { Database, type Executor } from "../database.ts";
import { sealAudit } from "../../testing/seal-audit.ts";
import { atRest } from "./at-rest.ts";
import { findViolations, type Invariant } from "./invariant.ts";
import { invariants } from "./invariants.ts";

const model = scriptedModelPort([{ parts: [call("note", {}), call("act", {})] }, { parts: [text("done")] }]);

const anyInput = {
  "~standard": {
    validate: (value: unknown) => ({ value }),
    jsonSchema: { input: () => ({ type: "object" }) },
  },
} as const;

const tools = (["pure", "at_most_once"] as const).map((effect) =>
  defineTool({
    name: effect === "pure" ? "note" : "act",
    description: "For the test.",
    effect,
    inputSchema: anyInput,
    run: () => Promise.resolve("ok"),
  }),
);

let testDatabase: TestDatabase;
let database: Database;
let runtime: Runtime;
let caller: Caller;
let agent: Agent;
/** Ids of good rows to spoil. */
const good = { bgo: "", scheduled: "", cancelled: "", suppressed: "", turn: "", thread: "", deletedThread: "" };

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject("postgresUrl"));
  database = new Database({ connectionString: testDatabase.connectionString, poolSize: 2, log: silentLog });
  runtime = await openTestRuntime({ connectionString: testDatabase.connectionString, model, tools });
  caller = await createTestTenant(runtime);
  agent = await createTestAgent(runtime, caller);
  await runtime.startWorker();
  await makeHistory();
  await runtime.stop({ graceMs: 1000 });
  await sealAudit(database);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** One of everything: completed, scheduled and cancelled BGOs, a chat turn, a thread deleted under its BGO. */
async function makeHistory(): Promise<void> {
  const { operations } = runtime;
  const later = new Date(Date.now() + 3_600_000);
  good.thread = await createTestThread(runtime, caller, agent);
  good.deletedThread = await createTestThread(runtime, caller, agent);
  const spawn = async (threadId: string, runAt?: Date): Promise<string> => {
    const request = { threadId, prompt: "do it", ...(runAt === undefined ? {} : { runAt }) };
    return (await spawnBgo(operations, caller, request)).bgo.id;
  };
  good.bgo = await spawn(good.thread);
  good.scheduled = await spawn(good.thread, later);
  good.cancelled = await spawn(good.thread, later);
  await cancelBgo(operations, caller, { bgoId: good.cancelled });
  good.suppressed = await spawn(good.deletedThread, later);
  await deleteThread(operations, caller, good.deletedThread);
  await cancelBgo(operations, caller, { bgoId: good.suppressed });
  good.turn = (await postMessage(operations, caller, { threadId: good.thread, text: "hello" })).turnId;
  await eventually("the BGO and the turn to end", async () => {
    const bgo = await operations.store.autocommit.bgos.find(caller.scope, good.bgo);
    const turn = await operations.store.autocommit.turns.find(caller.scope, good.turn);
    return bgo?.status === "completed" && turn?.status === "completed";
  });
}

class RolledBack extends Error {}

/** What every invariant says after `spoil`, by id; the database is as before afterwards. */
async function violationsAfter(
  spoil: (tx: Executor) => Promise<unknown>,
  checked: readonly Invariant[] = invariants,
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  await database
    .transaction(async (tx) => {
      // Foreign keys are triggers, and these are switched off.
      await tx.query("set local session_replication_role = replica");
      await spoil(tx);
      for (const { id, violations } of checked) {
        const said = await violations(tx);
        if (said.length > 0) found[id] = [...(found[id] ?? []), ...said];
      }
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  return found;
}

async function withoutConstraints(tx: Executor, table: string, names: readonly string[]): Promise<void> {
  for (const name of names) await tx.query(`alter table platos.${table} drop constraint ${name}`);
}

/** Every check constraint and the key of a BGO's row: what it forbids is what is planted. */
async function withoutTaskChecks(tx: Executor): Promise<void> {
  const { rows } = await tx.query<{ conname: string }>(
    "select conname from pg_constraint where conrelid = 'platos.platos_tasks'::regclass and contype = 'c'",
  );
  await withoutConstraints(
    tx,
    "platos_tasks",
    rows.map((row) => row.conname),
  );
}

test("everything holds in a database in which nothing went wrong", async () => {
  expect(await violationsAfter(async () => undefined)).toEqual({});
});

test("looking for what is broken cannot write", async () => {
  const writes: Invariant = {
    id: "I0",
    sentence: "Writes.",
    violations: async (tx) => {
      await tx.query("update platos.threads set last_seq = 0");
      return [];
    },
  };
  await expect(findViolations(database, writes)).rejects.toMatchObject({ cause: { code: "25006" } });
});

describe("what is planted is found:", () => {
  test("I2, a BGO that moved after its end, and one whose status is not its audit's", async () => {
    const moved = await violationsAfter((tx) =>
      tx.query(
        `insert into platos.audit_entries (id, org_id, project_id, env_id, actor_type, action, target_type, target_id,
           details)
         select 'aud_planted', org_id, project_id, env_id, 'worker', 'bgo.running', 'bgo', id, '{}'
         from platos.platos_tasks where id = $1`,
        [good.bgo],
      ),
    );
    expect(moved["I2"]).toEqual([`${good.bgo} is completed, and its audit says: queued, running, completed, running`]);
    const other = await violationsAfter((tx) =>
      tx.query("update platos.platos_tasks set status = 'failed' where id = $1", [good.bgo]),
    );
    expect(other["I2"]).toEqual([`${good.bgo} is failed, and its audit says: queued, running, completed`]);
    const twice = await violationsAfter((tx) =>
      tx.query(
        `insert into platos.audit_entries (id, org_id, project_id, env_id, at, actor_type, action, target_type,
           target_id, details)
         select 'aud_planted', org_id, project_id, env_id, at, actor_type, action, target_type, target_id, details
         from platos.audit_entries where target_id = $1 and action = 'bgo.completed'`,
        [good.bgo],
      ),
    );
    expect(twice["I2"]).toEqual([
      `${good.bgo} is completed, and its audit says: queued, running, completed, completed`,
    ]);
    const silent = await violationsAfter((tx) =>
      tx.query("delete from platos.audit_entries where target_id = $1 and action = 'bgo.running'", [good.bgo]),
    );
    expect(silent["I2"]).toEqual([`${good.bgo} is completed, and its audit says: queued, completed`]);
  });

  test("I1, a BGO that was never spawned, and a spawn without its BGO", async () => {
    const found = await violationsAfter((tx) =>
      tx.query(
        "update platos.audit_entries set target_id = 'bgo_gone' where target_id = $1 and action = 'bgo.spawned'",
        [good.scheduled],
      ),
    );
    expect(found["I1"]).toEqual(
      [`${good.scheduled} was spawned 0 times`, "bgo_gone was spawned, but is not there"].toSorted(),
    );
  });

  test("D1, a unique index that is not there", async () => {
    const found = await violationsAfter((tx) => tx.query("drop index platos.messages_one_terminal_per_bgo"));
    expect(found).toEqual({ D1: ["no valid unique index on messages (bgo_id) WHERE terminal"] });
  });

  test("I3, a terminal message that is missing, doubled, of another kind, or from another transaction", async () => {
    const message = "from platos.messages where bgo_id = $1 and terminal";
    const missing = await violationsAfter((tx) => tx.query(`delete ${message}`, [good.bgo]));
    expect(missing["I3"]).toEqual([`${good.bgo} is completed and has 0 terminal messages`]);
    const doubled = await violationsAfter(async (tx) => {
      await tx.query("drop index platos.messages_one_terminal_per_bgo");
      await tx.query(
        `insert into platos.messages (id, org_id, project_id, env_id, thread_id, seq, role, kind, bgo_id, terminal,
           parts, created_at)
         select 'msg_planted', org_id, project_id, env_id, thread_id, 99, role, kind, bgo_id, true, parts, created_at
         ${message}`,
        [good.bgo],
      );
    });
    expect(doubled["I3"]).toContain(`${good.bgo} is completed and has 2 terminal messages`);
    expect(doubled["I16"]).toContain("msg_planted was announced 0 times");
    const changed = "update platos.messages set $set where bgo_id = $1 and terminal";
    const kind = await violationsAfter((tx) => tx.query(changed.replace("$set", "kind = 'bgo_failed'"), [good.bgo]));
    expect(kind["I3"]).toEqual([`${good.bgo} is completed, but its message is bgo_failed`]);
    const late = changed.replace("$set", "created_at = created_at + interval '1 second'");
    const other = await violationsAfter((tx) => tx.query(late, [good.bgo]));
    expect(other["I3"]).toEqual([`${good.bgo} and its message were not written by one transaction`]);
  });

  test("I3, a suppressed message that the audit does not tell of", async () => {
    const silent = await violationsAfter((tx) =>
      tx.query("delete from platos.audit_entries where action = 'message.suppressed' and target_id = $1", [
        good.suppressed,
      ]),
    );
    expect(silent["I3"]).toEqual([`${good.suppressed} ended after its thread was deleted, and 0 audit entries say so`]);
  });

  test("I3, an end whose event, message or suppression is of another transaction", async () => {
    const event = await violationsAfter((tx) =>
      tx.query("update platos.events set xid = '1' where bgo_id = $1 and type = 'bgo.created'", [good.bgo]),
    );
    expect(event).toEqual({ I3: [`bgo.spawned of ${good.bgo} has no event of the same transaction`] });
    const message = await violationsAfter((tx) =>
      tx.query("update platos.events set xid = '1' where bgo_id = $1 and type = 'message.created'", [good.bgo]),
    );
    expect(message).toEqual({
      I3: [
        expect.stringMatching(
          new RegExp(`^the end of ${good.bgo} and its message msg_\\w+ were not written by one`, "u"),
        ),
      ],
    });
    const suppressed = await violationsAfter((tx) =>
      tx.query("update platos.audit_entries set xid = '1' where target_id = $1 and action = 'message.suppressed'", [
        good.suppressed,
      ]),
    );
    expect(suppressed["I3"]).toEqual([
      `the end of ${good.suppressed} and the word that its message was suppressed were not written by one transaction`,
    ]);
  });

  test("I3, only what retention has left of the events is asked for", async () => {
    const pruned = await violationsAfter(async (tx) => {
      await tx.query("delete from platos.events where bgo_id = $1", [good.bgo]);
      await tx.query("update platos.event_log_state set pruned_through = pg_current_xact_id()");
    });
    expect(pruned["I3"]).toBeUndefined();
  });

  test("I4, two BGOs of one key", async () => {
    const found = await violationsAfter(async (tx) => {
      await withoutConstraints(tx, "platos_tasks", ["platos_tasks_env_id_key_scope_idempotency_key_key"]);
      await tx.query("update platos.platos_tasks set key_scope = 'none', idempotency_key = 'same' where id = any($1)", [
        [good.bgo, good.scheduled],
      ]);
    });
    const ids = [good.bgo, good.scheduled].toSorted().join(", ");
    expect(found["I4"]).toEqual([`${ids} were made with one key in scope none`]);
  });

  test("I5, a scheduled BGO that nothing wakes, an ended one with a segment, a segment that the engine lost", async () => {
    const asleep = await violationsAfter(async (tx) => {
      await withoutTaskChecks(tx);
      await tx.query("update platos.platos_tasks set wake_at = null where id = $1", [good.scheduled]);
      await tx.query("update platos.platos_tasks set segment_id = gen_random_uuid() where id = $1", [good.bgo]);
    });
    expect(asleep["I5"]).toEqual(
      [
        `${good.bgo} is completed with 1 reasons to go on`,
        `${good.scheduled} is scheduled with 0 reasons to go on`,
      ].toSorted(),
    );
    const lost = await violationsAfter((tx) =>
      tx.query(
        `update platos.platos_tasks set status = 'queued', wake_at = null, moved_at = now() - interval '1 hour',
           segment_id = '00000000-0000-4000-8000-000000000000' where id = $1`,
        [good.scheduled],
      ),
    );
    expect(lost["I5"]).toEqual([
      `${good.scheduled} is queued, but the engine does not know its segment 00000000-0000-4000-8000-000000000000`,
    ]);
  });

  test("I6, an epoch that falls, and one that was never claimed", async () => {
    const found = await violationsAfter((tx) =>
      tx.query("update platos.steps set epoch = 7 where owner_id = $1 and step_no = 1", [good.bgo]),
    );
    expect(found["I6"]).toEqual([`step 4 of ${good.bgo} was written under epoch 1, after epoch 7`]);
    const late = await violationsAfter((tx) =>
      tx.query("update platos.steps set epoch = 7 where owner_id = $1 and step_no = 4", [good.bgo]),
    );
    expect(late["I6"]).toEqual([`${good.bgo} was written to under epoch 7, but it is at epoch 1`]);
  });

  test("I6, a step of a worker that had lost its lease, in a journal that looks orderly", async () => {
    const zombie = await violationsAfter(async (tx) => {
      await tx.query("update platos.platos_tasks set epoch = 2 where id = $1", [good.bgo]);
      await tx.query(
        `insert into platos.audit_entries (id, org_id, project_id, env_id, at, actor_type, action, target_type, target_id,
           details)
         select 'aud_planted', org_id, project_id, env_id, created_at - interval '1 millisecond', 'worker', 'bgo.running',
           'bgo', owner_id, '{"epoch": 2}'
         from platos.steps where owner_id = $1 and step_no = 4`,
        [good.bgo],
      );
    });
    expect(zombie["I6"]).toEqual([`${good.bgo} was written to under epoch 1 when epoch 2 had been claimed`]);
  });

  test("I6, a claim that the audit does not tell of, and a step from before it", async () => {
    const silent = await violationsAfter((tx) =>
      tx.query("update platos.platos_tasks set epoch = 2 where id = $1", [good.scheduled]),
    );
    expect(silent["I6"]).toEqual([`${good.scheduled} is at epoch 2, and its audit tells of 0 claims, of 0 epochs`]);
    const early = await violationsAfter((tx) =>
      tx.query("update platos.steps set created_at = created_at - interval '1 hour' where owner_id = $1", [good.bgo]),
    );
    expect(early["I6"]).toEqual([`${good.bgo} was written to under epoch 1 before that was claimed`]);
  });

  test("I7, a missing step, a result of no call, a second result, a call without result", async () => {
    const gap = await violationsAfter((tx) =>
      tx.query("delete from platos.steps where owner_id = $1 and kind = 'model' and step_no = 0", [good.turn]),
    );
    expect(gap["I7"]).toContain(`${good.turn} has 4 steps, numbered 1 to 4`);
    const stranger = await violationsAfter((tx) =>
      tx.query(
        `update platos.steps set data = data || '{"callId": "nobody"}' where owner_id = $1 and kind = 'tool_result'
           and data ->> 'callId' = 'act'`,
        [good.bgo],
      ),
    );
    expect(stranger["I7"]).toEqual([
      expect.stringMatching(new RegExp(`^the calls of step 0 of ${good.bgo} are answered that were not made: `, "u")),
    ]);
    const twice = await violationsAfter((tx) =>
      tx.query(
        `update platos.steps set data = data || '{"callId": "note"}' where owner_id = $1 and kind = 'tool_result'`,
        [good.bgo],
      ),
    );
    expect(twice["I7"]).toEqual([
      expect.stringContaining(`the calls of step 0 of ${good.bgo} are answered or begun twice`),
    ]);
    const open = await violationsAfter((tx) =>
      tx.query(
        `update platos.steps set kind = 'tool_intent' where owner_id = $1 and kind = 'tool_result'
           and data ->> 'callId' = 'note'`,
        [good.bgo],
      ),
    );
    expect(open["I7"]).toEqual([
      expect.stringContaining(`the calls of step 0 of ${good.bgo} are not all answered, and the conversation went on`),
    ]);
  });

  test("I7, a call begun twice, also where as many were begun as were made", async () => {
    const begunAgain = async (tx: Executor): Promise<void> => {
      await tx.query("update platos.steps set step_no = 9 where owner_id = $1 and step_no = 4", [good.bgo]);
      await tx.query(
        `insert into platos.steps (owner_id, step_no, org_id, project_id, env_id, kind, epoch, data)
         select owner_id, 5, org_id, project_id, env_id, kind, epoch, data
         from platos.steps where owner_id = $1 and kind = 'tool_intent'`,
        [good.bgo],
      );
    };
    const twice = expect.stringContaining(`the calls of step 0 of ${good.bgo} are answered or begun twice`);
    expect((await violationsAfter(begunAgain))["I7"]).toContainEqual(twice);
    const ofOneName = await violationsAfter(async (tx) => {
      await begunAgain(tx);
      await tx.query(
        `update platos.steps set data = replace(data::text, '"note"', '"act"')::jsonb
         where owner_id = $1 and (step_no = 0 or kind = 'tool_result')`,
        [good.bgo],
      );
    });
    expect(ofOneName["I7"]).toContainEqual(twice);
  });

  test("I7, calls that were answered in another order are in order", async () => {
    const swapped = await violationsAfter((tx) =>
      tx.query(
        `update platos.steps
         set data = data || case data ->> 'callId' when 'act' then '{"callId": "note"}' else '{"callId": "act"}' end::jsonb
         where owner_id = $1 and kind = 'tool_result'`,
        [good.bgo],
      ),
    );
    expect(swapped["I7"]).toBeUndefined();
  });

  test("I7, steps and tokens that were counted otherwise, and a result that is not the journal's", async () => {
    const counted = await violationsAfter((tx) =>
      tx.query("update platos.platos_tasks set input_tokens = 1234567 where id = $1", [good.bgo]),
    );
    expect(counted["I7"]).toEqual([expect.stringContaining(`${good.bgo} has counted 2 model calls, 1234567 input`)]);
    const steps = await violationsAfter((tx) =>
      tx.query("update platos.turns set next_step = 7 where id = $1", [good.turn]),
    );
    expect(steps["I7"]).toEqual([`${good.turn} has counted 7 steps, and its journal has 5`]);
    const torn = await violationsAfter(async (tx) => {
      await tx.query("delete from platos.steps where owner_id = $1 and step_no = 4", [good.bgo]);
      await tx.query("update platos.platos_tasks set next_step = 4 where id = $1", [good.bgo]);
    });
    expect(torn["I7"]).toContain(`${good.bgo} has completed, but its journal does not end with a response`);
    const other = await violationsAfter(async (tx) => {
      await tx.query(`update platos.platos_tasks set output = '"other"' where id = $1`, [good.bgo]);
    });
    expect(other["I7"]).toEqual([`${good.bgo} has completed with something else than its message says`]);
    const both = await violationsAfter(async (tx) => {
      await tx.query(`update platos.platos_tasks set output = '"other"' where id = $1`, [good.bgo]);
      await tx.query(`update platos.messages set parts = '[{"type": "text", "text": "other"}]' where bgo_id = $1`, [
        good.bgo,
      ]);
    });
    expect(both["I7"]).toEqual([`${good.bgo} has completed with something else than its last response`]);
  });

  test("I7, a turn's message that lacks what its journal says", async () => {
    const found = await violationsAfter((tx) =>
      tx.query("update platos.messages set parts = parts - -1 where turn_id = $1 and role = 'assistant'", [good.turn]),
    );
    expect(found["I7"]).toEqual([expect.stringContaining(`is not what the journal of ${good.turn} says`)]);
  });

  test("I9, a BGO that outlives what it was spawned by, and one that is not where it belongs", async () => {
    const adopted = "update platos.platos_tasks set parent_bgo_id = $2, depth = 2 where id = $1";
    const alive = await violationsAfter((tx) => tx.query(adopted, [good.scheduled, good.cancelled]));
    expect(alive).toEqual({ I9: [`${good.scheduled} lives, and ${good.cancelled} above it is cancelled`] });
    const below = await violationsAfter(async (tx) => {
      await tx.query(adopted, [good.bgo, good.cancelled]);
      await tx.query("update platos.platos_tasks set parent_bgo_id = $2, depth = 3 where id = $1", [
        good.scheduled,
        good.bgo,
      ]);
    });
    expect(below).toEqual({ I9: [`${good.scheduled} lives, and ${good.cancelled} above it is cancelled`] });
    const elsewhere = await violationsAfter((tx) => tx.query(adopted, [good.suppressed, good.bgo]));
    expect(elsewhere["I9"]).toEqual([
      `${good.suppressed} is 2 deep in ${good.deletedThread}, its parent ${good.bgo} is 1 deep in ${good.thread}`,
    ]);
  });

  test("I10, a wait for a BGO that has ended", async () => {
    const found = await violationsAfter(async (tx) => {
      await withoutTaskChecks(tx);
      await tx.query("update platos.platos_tasks set status = 'waiting', wake_at = null where id = $1", [
        good.scheduled,
      ]);
      await tx.query(
        `insert into platos.waitpoints (id, org_id, project_id, env_id, kind, status, owner_kind, owner_id, call_id, tool,
           thread_id, target_bgo_id, due_at)
         select 'wpt_planted', org_id, project_id, env_id, 'bgo', 'open', 'bgo', id, 'wait', 'wait_for_bgo', thread_id, $2,
           now() + interval '1 day'
         from platos.platos_tasks where id = $1`,
        [good.scheduled, good.bgo],
      );
    });
    expect(found["I10"]).toEqual([`wpt_planted is open, and ${good.bgo}, for which it waits, is completed`]);
  });

  /** A wait of the good BGO that is over, with what is wrong about it. */
  const insertWait = async (tx: Executor, wrong: Readonly<Record<string, unknown>>): Promise<void> => {
    const wait = {
      kind: "token",
      status: "completed",
      call_id: "wait",
      target_bgo_id: null,
      due_at: "2026-01-02T00:00:00Z",
      resolved_at: "2026-01-01T00:00:00Z",
      resolution: null,
      resolved_by: { type: "worker", id: null },
      ...wrong,
    };
    await tx.query(
      `insert into platos.waitpoints (id, org_id, project_id, env_id, owner_kind, owner_id, tool, thread_id, kind, status,
         call_id, target_bgo_id, due_at, resolved_at, resolution, resolved_by)
       select 'wpt_planted', b.org_id, b.project_id, b.env_id, 'bgo', b.id, 'wait', b.thread_id, w.kind, w.status, w.call_id,
         w.target_bgo_id, w.due_at, w.resolved_at, w.resolution, w.resolved_by
       from platos.platos_tasks b, jsonb_populate_record(null::platos.waitpoints, $2) w where b.id = $1`,
      [good.bgo, JSON.stringify(wait)],
    );
  };

  test.each([
    [{ status: "timed_out" }, "wpt_planted is timed_out, before its time"],
    [{ kind: "time" }, "wpt_planted is completed, before its time"],
    [{ resolved_at: "2026-01-03T00:00:00Z" }, "wpt_planted is completed, after its time"],
    [{ kind: "reply", resolved_at: "2026-01-03T00:00:00Z" }, "wpt_planted is completed, after its time"],
  ])("I10, a wait that was over at the wrong time: %j", async (wrong, violation) => {
    const found = await violationsAfter((tx) => insertWait(tx, wrong));
    expect(found["I10"]).toContain(violation);
  });

  test.each([{}, { kind: "time", resolved_by: { type: "api_key", id: "k" } }, { status: "failed" }])(
    "a wait that was answered before its time was answered in time: %j",
    async (right) => {
      const found = await violationsAfter((tx) => insertWait(tx, right));
      expect(found["I10"]).toEqual([expect.stringContaining("was resolved 0 times")]);
    },
  );

  test("I10, what a wait for a BGO tells of it is not what became of it", async () => {
    const found = await violationsAfter((tx) =>
      insertWait(tx, { kind: "bgo", target_bgo_id: good.cancelled, resolution: { status: "completed" } }),
    );
    expect(found["I10"]).toContain(`wpt_planted tells that ${good.cancelled} is completed, which is cancelled`);
  });

  test("I10, a reply that reaches its BGO with another text", async () => {
    const found = await violationsAfter(async (tx) => {
      const { rows } = await tx.query<{ call_id: string }>(
        "select data ->> 'callId' as call_id from platos.steps where owner_id = $1 and kind = 'tool_result' limit 1",
        [good.bgo],
      );
      await insertWait(tx, { kind: "reply", call_id: rows[0]?.call_id, resolution: { text: "blue" } });
    });
    expect(found["I10"]).toContainEqual(
      expect.stringMatching(/^the journal of \S+ answers \S+ otherwise than wpt_planted/u),
    );
  });

  test("I11, a BGO that began before its time", async () => {
    const found = await violationsAfter((tx) =>
      tx.query("update platos.platos_tasks set run_at = started_at + interval '1 second' where id = $1", [good.bgo]),
    );
    expect(found["I11"]).toEqual([expect.stringContaining(`${good.bgo} was to begin at`)]);
  });

  test("I12, a model call after the tokens or the money were spent", async () => {
    const spend = (budget: object, usage: object) =>
      violationsAfter(async (tx) => {
        await tx.query("update platos.platos_tasks set budget = $2, input_tokens = 100, cost_usd = 1 where id = $1", [
          good.bgo,
          JSON.stringify(budget),
        ]);
        await tx.query(
          "update platos.steps set data = jsonb_set(data, '{usage}', $2) where owner_id = $1 and step_no = 0",
          [good.bgo, JSON.stringify(usage)],
        );
      });
    const usage = { inputTokens: 60, outputTokens: 40, costUsd: 0.6 };
    expect((await spend({ maxTokens: 100 }, usage))["I12"]).toEqual([
      `${good.bgo} made a model call after 100 of its 100 tokens`,
    ]);
    expect((await spend({ maxTokens: 101 }, usage))["I12"]).toBeUndefined();
    expect((await spend({ maxCostUsd: 0.5 }, usage))["I12"]).toEqual([
      `${good.bgo} made a model call after $0.6 of its $0.5`,
    ]);
    expect((await spend({ maxCostUsd: 0.5 }, { ...usage, costUsd: null }))["I12"]).toEqual([
      `${good.bgo} made a model call when its cost was unknown and its budget $0.5`,
    ]);
  });

  test("I12, too many live BGOs in a thread, and more model calls than allowed", async () => {
    const found = await violationsAfter(async (tx) => {
      const { rows } = await tx.query<{ columns: string }>(
        `select string_agg(attname, ', ') as columns from pg_attribute
         where attrelid = 'platos.platos_tasks'::regclass and attnum > 0 and attname not in ('id', 'idempotency_key')`,
      );
      const columns = rows[0]?.columns ?? "";
      await tx.query(
        `insert into platos.platos_tasks (id, idempotency_key, ${columns})
         select 'bgo_' || n, 'key_' || n, ${columns} from platos.platos_tasks, generate_series(1, 100) n where id = $1`,
        [good.scheduled],
      );
      await tx.query("update platos.platos_tasks set model_calls = 51 where id = $1", [good.bgo]);
    });
    expect(found["I12"]).toEqual(
      [`${good.bgo} has made 51 model calls and may make 50`, `${good.thread} has 101 live BGOs`].toSorted((one) =>
        one.includes("live") ? -1 : 1,
      ),
    );
  });

  test("I14, a message and steps of another tenant", async () => {
    const other = await createTenant();
    const found = await violationsAfter(async (tx) => {
      for (const [table, column, id] of [
        ["messages", "bgo_id", good.bgo],
        ["steps", "owner_id", good.turn],
      ]) {
        await tx.query(`update platos.${table} set org_id = $2, project_id = $3, env_id = $4 where ${column} = $1`, [
          id,
          other.orgId,
          other.projectId,
          other.envId,
        ]);
      }
      await tx.query("update platos.artifacts set env_id = 'env_nowhere'");
      await tx.query("update platos.turns set project_id = 'prj_nowhere' where id = $1", [good.turn]);
    });
    const said = (found["I14"] ?? []).join("\n");
    expect(said).toContain(`of messages and ${good.thread} of threads are of different scopes`);
    expect(said).toContain(`${good.turn} step 0 of steps and ${good.turn} of turns are of different scopes`);
    expect(said).toContain(`${good.turn} of turns belongs to no environment`);
  });

  test("I14, a row that is not of the only environment there is", async () => {
    const { envId } = caller.scope;
    const alone = (tx: Executor) => tx.query("delete from platos.environments where id <> $1", [envId]);
    for (const column of ["org_id", "project_id", "env_id"]) {
      const found = await violationsAfter(async (tx) => {
        await alone(tx);
        await tx.query(`update platos.steps set ${column} = 'elsewhere' where owner_id = $1 and step_no = 0`, [
          good.bgo,
        ]);
      });
      expect(found["I14"]).toEqual([`${good.bgo} step 0 of steps belongs to no environment`]);
    }
    expect((await violationsAfter(alone))["I14"]).toBeUndefined();
  });

  test("I15, a gap in the audit, and a sealed entry that was changed", async () => {
    const { envId } = caller.scope;
    const gap = await violationsAfter((tx) =>
      tx.query("delete from platos.audit_entries where env_id = $1 and seq = 2", [envId]),
    );
    expect(gap["I15"]).toEqual([`the audit of ${envId} goes from entry 1 to entry 3`]);
    const changed = await violationsAfter((tx) =>
      tx.query("update platos.audit_entries set actor_id = 'somebody else' where env_id = $1 and seq = 2", [envId]),
    );
    expect(changed["I15"]).toEqual([
      expect.stringMatching(
        new RegExp(`^entry 2 of the audit of ${envId} \\(aud_\\w+\\) is not what was sealed$`, "u"),
      ),
    ]);
  });

  test("I16, a gap in a thread, and a message of a deleted one", async () => {
    const gap = await violationsAfter((tx) =>
      tx.query("delete from platos.messages where thread_id = $1 and seq = 2", [good.thread]),
    );
    expect(gap["I16"]).toEqual([expect.stringContaining(`${good.thread} has 3 messages, numbered 1 to 4`)]);
    const left = await violationsAfter((tx) =>
      tx.query("update platos.messages set thread_id = $2 where thread_id = $1 and seq = 4", [
        good.thread,
        good.deletedThread,
      ]),
    );
    expect(left["I16"]).toContain(`${good.deletedThread} was deleted and has 1 messages`);
  });

  test("I16, a message that was announced twice", async () => {
    const found = await violationsAfter((tx) =>
      tx.query(
        `insert into platos.events (org_id, project_id, env_id, type, thread_id, message_id)
         select org_id, project_id, env_id, type, thread_id, message_id from platos.events
         where type = 'message.created' and turn_id = $1 limit 1`,
        [good.turn],
      ),
    );
    expect(found["I16"]).toEqual([expect.stringContaining("was announced 2 times")]);
  });

  test("I18, when asked for: a BGO that is due, and a job that nothing waits for", async () => {
    const due = "update platos.platos_tasks set wake_at = now() - interval '1 second' where id = $1";
    expect(await violationsAfter((tx) => tx.query(due, [good.scheduled]), [atRest])).toEqual({
      I18: [expect.stringContaining(`${good.scheduled} is scheduled`)],
    });
    const job = `insert into pgboss.job (name, data) values ('platos_bgo', '{"ownerId": "bgo_gone"}')`;
    expect(await violationsAfter((tx) => tx.query(job), [atRest])).toEqual({
      I18: [expect.stringMatching(/^the queue still holds segment \S+ of bgo_gone$/u)],
    });
    expect(await violationsAfter(async () => undefined, [atRest])).toEqual({});
  });
});

async function createTenant(): Promise<Caller["scope"]> {
  const scope = { orgId: "org_b", projectId: "prj_b", envId: "env_b" };
  await database.query("insert into platos.organisations (id, slug) values ($1, 'b') on conflict do nothing", [
    scope.orgId,
  ]);
  await database.query("insert into platos.projects (id, org_id, slug) values ($1, $2, 'b') on conflict do nothing", [
    scope.projectId,
    scope.orgId,
  ]);
  await database.query(
    "insert into platos.environments (id, org_id, project_id, slug) values ($1, $2, $3, 'b') on conflict do nothing",
    [scope.envId, scope.orgId, scope.projectId],
  );
  return scope;
}
