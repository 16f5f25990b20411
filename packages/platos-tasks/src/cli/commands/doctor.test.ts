import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { readConfig } from "../../config.ts";
import { invariants } from "../../store/invariants/invariants.ts";
import { createTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { createTestAgent, createTestTenant, createTestThread, openTestRuntime } from "../../testing/test-runtime.ts";
import { recordingTerminal } from "../recording-terminal.ts";
import { runCli } from "../run-cli.ts";

interface Report {
  readonly healthy: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly detail: string;
    readonly cases?: string[];
  }[];
}

let database: TestDatabase;
let threadId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  const env = { PLATOS_ROLE: "server" };
  const runtime = await openTestRuntime({ connectionString: database.connectionString, env });
  const caller = await createTestTenant(runtime);
  threadId = await createTestThread(runtime, caller, await createTestAgent(runtime, caller));
  await runtime.stop({ graceMs: 0 });
});

afterAll(() => database.drop());

async function doctor(url: string, args: readonly string[] = []): Promise<{ code: number; out: string }> {
  const terminal = recordingTerminal();
  const env = { DATABASE_URL: url, PLATOS_LOG_LEVEL: "silent" };
  const code = await runCli(["doctor", ...args], { terminal, readConfig: () => readConfig(env) });
  return { code, out: terminal.out };
}

async function report(url: string): Promise<Report & { readonly code: number }> {
  const { code, out } = await doctor(url, ["--json"]);
  return { code, ...(JSON.parse(out) as Report) };
}

test("a database in which nothing went wrong is in order, in every point", async () => {
  const { code, healthy, checks } = await report(database.connectionString);
  expect({ code, healthy }).toEqual({ code: 0, healthy: true });
  const names = ["node", "database", "migrations", "engine", "open work", ...invariants.map(({ id }) => id)];
  expect(checks.map(({ name }) => name)).toEqual(names);
  expect(new Set(checks.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
  expect((await doctor(database.connectionString)).out).toContain("Everything is in order.");
});

test("what breaks an invariant is named with the row that breaks it, and makes the command fail", async () => {
  await database.query("update platos.threads set last_seq = 2 where id = $1", [threadId]);
  try {
    const { code, out } = await doctor(database.connectionString);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}I16 /mu);
    expect(out).toContain(`- ${threadId} has 0 messages, numbered 0 to 0, and its last is 2`);
    expect(out).toContain(`1 of ${5 + invariants.length} checks failed.`);
  } finally {
    await database.query("update platos.threads set last_seq = 0 where id = $1", [threadId]);
  }
});

test("work that is open is no fault, unless everything should be at rest", async () => {
  await database.query(
    `insert into platos.turns (id, org_id, project_id, env_id, thread_id, agent_version_id, cause, assistant_message_id,
       position, depth, status, wake_at)
     select 'trn_open', t.org_id, t.project_id, t.env_id, t.id, v.id, 'message', 'msg_open', 1, 0, 'queued',
       now() + interval '1 minute'
     from platos.threads t join platos.agent_versions v on v.agent_id = t.agent_id where t.id = $1`,
    [threadId],
  );
  try {
    expect((await doctor(database.connectionString)).code).toBe(0);
    const { code, out } = await doctor(database.connectionString, ["--at-rest"]);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}I18 /mu);
    expect(out).toContain("- trn_open is queued");
  } finally {
    await database.query("delete from platos.turns where id = 'trn_open'");
  }
  expect((await doctor(database.connectionString, ["--at-rest"])).code).toBe(0);
});

test("a database without our schema is told to be migrated, and what needs it is skipped", async () => {
  const name = `test_empty_${randomBytes(4).toString("hex")}`;
  const admin = new pg.Client({ connectionString: inject("postgresUrl") });
  await admin.connect();
  try {
    await admin.query(`create database ${name}`);
    const url = new URL(inject("postgresUrl"));
    url.pathname = `/${name}`;
    const { code, checks } = await report(url.href);
    expect(code).toBe(1);
    expect(checks).toMatchObject([
      { name: "node", outcome: "ok" },
      { name: "database", outcome: "ok" },
      { name: "migrations", outcome: "failed", detail: "none was applied yet; run platos migrate" },
      { name: "engine", outcome: "failed" },
      { name: "invariants", outcome: "skipped" },
    ]);
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  }
});

test("a database that does not answer is one failure", async () => {
  const { code, checks } = await report("postgres://nobody@127.0.0.1:1/none");
  expect(code).toBe(1);
  expect(checks).toMatchObject([
    { name: "node", outcome: "ok" },
    { name: "database", outcome: "failed", detail: expect.stringContaining("cannot be used") },
    { outcome: "skipped" },
  ]);
});

test("work that nobody takes is told", async () => {
  await database.query(
    `insert into platos.turns (id, org_id, project_id, env_id, thread_id, agent_version_id, cause, assistant_message_id,
       position, depth, status, wake_at)
     select 'trn_late', t.org_id, t.project_id, t.env_id, t.id, v.id, 'message', 'msg_late', 1, 0, 'queued',
       now() - interval '5 minutes'
     from platos.threads t join platos.agent_versions v on v.agent_id = t.agent_id where t.id = $1`,
    [threadId],
  );
  try {
    const { checks } = await report(database.connectionString);
    expect(checks.filter(({ outcome }) => outcome !== "ok")).toMatchObject([
      { name: "open work", detail: expect.stringContaining("1 should have begun over a minute ago") },
    ]);
  } finally {
    await database.query("delete from platos.turns where id = 'trn_late'");
  }
});
