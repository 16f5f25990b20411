import type { Bgo, Page, Schedule, Waitpoint } from "@platos-tasks/client";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import { nextYear } from "../../testing/next-year.ts";
import { readConfig } from "../../config.ts";
import type { ModelPort } from "../../core/ports/model.ts";
import type { TranscriptEntry } from "../../core/transcript.ts";
import type { Runtime } from "../../runtime.ts";
import { call, text } from "../../testing/scripted-model-port.ts";
import { createTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { createTestAgent, eventually, openTestRuntime } from "../../testing/test-runtime.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../testing/test-server.ts";
import { recordingTerminal } from "../recording-terminal.ts";
import { runCli } from "../run-cli.ts";

/** Hands work over when it is told to in a chat; fails a BGO that is told to fail. */
const model: ModelPort = {
  respond(request) {
    const asked = lastUserText(request.transcript);
    const isFirst = request.transcript.at(-1)?.role === "user";
    const parts =
      isFirst && asked.startsWith("hand over") ? [call("spawn_bgo", { prompt: "the work" })] : [text(`re: ${asked}`)];
    const finishReason = parts.some((part) => part.type === "tool_call") ? "tool_calls" : "stop";
    if (asked.includes("fail")) return Promise.reject(new Error("as told"));
    const usage = { inputTokens: 1, outputTokens: 1, costUsd: 0 };
    return Promise.resolve({ parts, finishReason, usage, model: "test", durationMs: 1 });
  },
};

function lastUserText(transcript: readonly TranscriptEntry[]): string {
  const last = transcript.findLast((entry) => entry.role === "user");
  return last?.role === "user" ? last.text : "";
}

let database: TestDatabase;
let runtime: Runtime;
let server: TestServer;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  runtime = await openTestRuntime({ connectionString: database.connectionString, model, tools: [] });
  server = await startTestServer(runtime);
  tenant = await createTestTenantWithKey(runtime, server);
  await createTestAgent(runtime, tenant);
  await runtime.startWorker();
});

afterAll(async () => {
  await server.close();
  await runtime.stop({ graceMs: 1000 });
  await database.drop();
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], input: readonly string[] = []): Promise<Ran> {
  const terminal = recordingTerminal(input);
  const env = {
    DATABASE_URL: database.connectionString,
    PLATOS_API_KEY: tenant.key,
    PLATOS_PUBLIC_URL: server.url,
    PLATOS_LOG_LEVEL: "silent",
  };
  const code = await runCli(args, { terminal, readConfig: () => readConfig(env) });
  return { code, out: terminal.out, err: terminal.err };
}

async function runJson<Answer>(args: readonly string[]): Promise<Answer> {
  const { out, err } = await run([...args, "--json"]);
  expect(err).toBe("");
  return JSON.parse(out) as Answer;
}

test("a BGO is spawned, waited for, listed, shown, and found ended by a cancel", async () => {
  verifies("P30.a");
  const spawned = await run(["spawn", "--prompt", "write", "--label", "a report", "--wait"]);
  expect(spawned).toMatchObject({ code: 0, out: "re: write\n" });
  const id = /bgo_\w+/u.exec(spawned.err)?.[0] ?? "";
  expect(spawned.err).toContain(`${id} completed`);
  const listed = await run(["list", "--status", "completed,failed"]);
  expect(listed.out).toMatch(new RegExp(`^${id}  completed .* a report$`, "mu"));
  const shown = await run(["show", id]);
  expect(shown.out).toContain("Title:   a report");
  expect(shown.out).toContain("Output:\nre: write\n");
  expect(await run(["cancel", id])).toMatchObject({
    code: 0,
    out: `${id} had completed before; nothing was cancelled.\n`,
  });
});

test("a scheduled BGO is cancelled with its reason, in words for programs", async () => {
  const runAt = nextYear().toISOString();
  const receipt = await runJson<{ bgoId: string; status: string }>(["spawn", "later", "--run-at", runAt]);
  expect(receipt.status).toBe("scheduled");
  expect(await runJson(["cancel", receipt.bgoId, "--reason", "not now"])).toEqual({ outcome: "cancelled" });
  expect(await runJson(["show", receipt.bgoId])).toMatchObject({
    status: "cancelled",
    reason: "not now",
    runAt,
  });
});

test("what BGOs wait for is listed and answered, once", async () => {
  verifies("P30.f");
  const create = async (body: object) => String((await tenant.call("POST", "/api/v1/waitpoints", body)).body["id"]);
  const id = await create({ question: "Ready?", schema: { type: "object", properties: { ok: { type: "boolean" } } } });
  const listed = await run(["waits"]);
  expect(listed.out).toMatch(new RegExp(`^${id}  token  open    -    .*Ready\\?$`, "mu"));
  expect(await run(["answer", id, "--json", '{"ok": 1}'])).toMatchObject({
    code: 1,
    err: expect.stringContaining("ok"),
  });
  expect(await run(["answer", id, "--json", '{"ok": true}'])).toMatchObject({ code: 0, out: `${id} completed.\n` });
  expect(await run(["answer", id, "no"])).toMatchObject({ code: 1, err: expect.stringContaining("answered before") });
  const failing = await create({});
  expect(await run(["answer", failing, "--fail", "closed"])).toMatchObject({ code: 0, out: `${failing} failed.\n` });
  const [done] = (await runJson<Page<Waitpoint>>(["waits", "--status", "completed"])).items;
  expect(done).toMatchObject({ id, resolution: { ok: true } });
  expect((await run(["waits", "--bgo", "bgo_nope"])).out).toBe("No waits.\n");
});

test.each([
  [["waits", "--status", "done"], "is not a status of a wait"],
  [["answer"], "Missing argument: <waitpointId>"],
  [["answer", "wpt_1", "--json", "{"], "--json must be JSON"],
  [["answer", "wpt_1", "yes", "--fail", "no"], "Give one of"],
])("a wait is not touched by %j", async (args, words) => {
  expect(await run(args)).toMatchObject({ code: 2, err: expect.stringContaining(words) });
});

test("a schedule is made, listed, shown, paused, resumed and cancelled", async () => {
  verifies("P20.d", "P30.a");
  const create = ["schedule", "create", "daily", "digest", "--cron", "30 9 * * *", "--zone", "Europe/Berlin"];
  const policies = ["--overlap", "queue", "--missed", "all", "--max-missed", "3", "--jitter", "10"];
  const made = await runJson<Schedule>([...create, ...policies]);
  expect(made).toMatchObject({ prompt: "daily digest", timeZone: "Europe/Berlin", overlap: "queue", maxMissed: 3 });
  const shown = await run(["schedule", "show", made.id]);
  expect(shown.out).toContain("30 9 * * * (Europe/Berlin)");
  expect(shown.out.match(/^ *(?:Next:|:)? +\d{4}-.*$/gmu)).toHaveLength(5);
  expect((await run(["schedule", "list"])).out).toContain(made.id);
  expect(await runJson(["schedule", "pause", made.id])).toMatchObject({ status: "paused", nextFires: [] });
  expect(await runJson(["schedule", "resume", made.id])).toMatchObject({ status: "active" });
  const cancel = await run(["schedule", "cancel", made.id, "--reason", "no need"]);
  expect(cancel).toMatchObject({
    code: 0,
    out: `${made.id} is cancelled: it fires no more; what is at work goes on.\n`,
  });
  expect((await run(["schedule", "list"])).out).toBe("No schedules.\n");
  expect((await run(["schedule", "list", "--all"])).out).toContain("cancelled");
});

test("what cannot be a schedule is told before or by the server", async () => {
  verifies("P20.e");
  const create = ["schedule", "create", "x", "--cron"];
  expect(await run([...create, "0 9 * *"])).toMatchObject({ code: 1, err: expect.stringContaining("five fields") });
  const zone = await run([...create, "0 9 * * *", "--zone", "Mars/Base"]);
  expect(zone).toMatchObject({ code: 1, err: expect.stringContaining("IANA time zone") });
  for (const usage of [
    ["schedule"],
    ["schedule", "every"],
    ["schedule", "create", "x"],
    ["schedule", "create", "--cron", "0 9 * * *"],
    [...create, "0 9 * * *", "--overlap", "never"],
    ["schedule", "pause"],
    ["schedule", "pause", "sch_1", "--cron", "0 9 * * *"],
  ]) {
    expect(await run(usage), usage.join(" ")).toMatchObject({ code: 2 });
  }
});

test("a scheduled BGO is given another time, then started; what has begun cannot be moved", async () => {
  verifies("P19.b", "P30.a");
  const { bgoId } = await runJson<{ bgoId: string }>(["spawn", "later", "--run-at", nextYear().toISOString()]);
  const sooner = new Date(nextYear().getTime() - 86_400_000).toISOString();
  const move = ["schedule", "reschedule", bgoId, "--run-at", sooner];
  expect(await runJson(move)).toMatchObject({ status: "scheduled", runAt: sooner, ranAtOnce: false });
  expect(await run(["schedule", "run-now", bgoId])).toMatchObject({ code: 0, out: `${bgoId} starts at once.\n` });
  expect(await run(move)).toMatchObject({ code: 1, err: expect.stringContaining("only while it is scheduled") });
  expect(await run(["schedule", "reschedule", bgoId])).toMatchObject({ code: 2 });
  expect(await run(["spawn", "x", "--run-at", "2001-01-01T00:00:00Z"])).toMatchObject({
    out: expect.stringContaining("its time has passed, so it starts at once"),
  });
});

test("a BGO that fails makes the waiting command fail", async () => {
  const { code, out } = await run(["spawn", "please fail", "--wait"]);
  expect(code).toBe(1);
  expect(out).toMatch(/^bgo_\w+ failed/u);
});

test("the same idempotency key makes one BGO", async () => {
  const args = ["spawn", "--prompt", "once", "--idempotency-key", "k1"];
  const first = await runJson<{ bgoId: string; deduplicated: boolean }>(args);
  expect(await runJson(args)).toMatchObject({ bgoId: first.bgoId, deduplicated: true });
});

test("budget, tools and what follows the end are passed on", async () => {
  const args = ["spawn", "x", "--max-turns", "3", "--max-cost", "0.5", "--tools", "", "--on-complete", "message"];
  const { bgoId } = await runJson<{ bgoId: string }>(args);
  expect(await runJson(["show", bgoId])).toMatchObject({ budget: { maxTurns: 3, maxCostUsd: 0.5 }, tools: [] });
});

test("a refusal of the server is told in its words", async () => {
  expect(await run(["show", "bgo_nowhere"])).toMatchObject({ code: 1, err: expect.stringContaining("bgo_nowhere") });
  const badTime = await run(["spawn", "x", "--run-at", "tomorrow"]);
  expect(badTime).toMatchObject({ code: 1, err: expect.stringContaining("runAt") });
  const wrongKey = await run(["list", "--key", "wrong"]);
  expect(wrongKey).toMatchObject({ code: 1, err: expect.stringContaining("does not know this API key") });
});

test("a message is answered, and the thread can be gone on with", async () => {
  const first = await run(["chat", "hello", "there"]);
  expect(first).toMatchObject({ code: 0, out: "re: hello there\n" });
  const threadId = /thr_\w+/u.exec(first.err)?.[0] ?? "";
  expect(await run(["chat", "--thread", threadId, "again"])).toMatchObject({ code: 0, out: "re: again\n" });
});

test("work that is handed over is named, and waited for when asked", async () => {
  const { code, out } = await run(["chat", "--wait", "hand over"]);
  expect(code).toBe(0);
  expect(out).toContain("· spawn_bgo\n");
  expect(out).toContain("re: hand over\n");
  expect(out).toMatch(/^\[(bgo_\w+) completed\] re: the work$/mu);
  expect(out.match(/^\[bgo_\w+ /gmu)).toHaveLength(2);
});

test("a conversation as JSON holds its turn, its messages and its BGOs", async () => {
  const answer = await runJson<{ turn: { status: string }; messages: { kind: string }[]; bgos: Bgo[] }>([
    "chat",
    "--wait",
    "hand over",
  ]);
  expect(answer.turn.status).toBe("completed");
  expect(answer.messages.map((message) => message.kind).toSorted()).toEqual(["bgo_completed", "chat", "chat"]);
  expect(answer.bgos).toMatchObject([{ status: "completed", output: "re: the work" }]);
});

test("without a message each line of the input is one, and blank ones are not", async () => {
  const { code, out } = await run(["chat"], ["one", "  ", "two"]);
  expect({ code, out }).toEqual({ code: 0, out: "re: one\nre: two\n" });
});

test("a turn that fails is told and makes the command fail", async () => {
  const { code, out } = await run(["chat", "fail"]);
  expect(code).toBe(1);
  expect(out).toContain("[system] This turn failed:");
});

test("a new key is the last word, and opens its own environment only", async () => {
  const { code, out } = await run(["keys", "create", "--env", "staging", "--org", "acme", "--project", "site"]);
  expect(code).toBe(0);
  const key = out.trim().split(" ").at(-1) ?? "";
  const page = JSON.parse((await run(["list", "--key", key, "--json"])).out) as Page<Bgo>;
  expect(page.items).toEqual([]);
});

test("a key is listed without its secret, and opens nothing once it is revoked", async () => {
  verifies("S03.a");
  const where = ["--env", "leaky"];
  const made = JSON.parse((await run(["keys", "create", ...where, "--name", "for a script", "--json"])).out) as {
    id: string;
    key: string;
  };
  expect((await run(["list", "--key", made.key])).code).toBe(0);
  const listed = await run(["keys", "list", ...where]);
  expect(listed.out).toContain(made.id);
  expect(listed.out).toContain("for a script");
  expect(listed.out).not.toContain(made.key);
  const elsewhere = await run(["keys", "revoke", made.id, "--env", "dev", "--org", tenant.environment.orgSlug]);
  expect(elsewhere).toMatchObject({ code: 1, err: expect.stringMatching(/no environment|no key/u) });
  expect(await run(["keys", "revoke", made.id, ...where])).toMatchObject({
    code: 0,
    out: `${made.id} opens nothing any more.\n`,
  });
  // Servers look it up again after a second.
  await eventually("the key to be refused", async () => (await run(["list", "--key", made.key])).code === 1);
  expect(await run(["keys", "revoke", made.id, ...where])).toMatchObject({
    code: 0,
    out: expect.stringContaining("before"),
  });
  const [row] = JSON.parse((await run(["keys", "list", ...where, "--json"])).out) as { revokedAt: string | null }[];
  expect(row?.revokedAt).not.toBeNull();
});

test("a sign-in link opens a session once", async () => {
  const { orgSlug, projectSlug, envSlug } = tenant.environment;
  const { out } = await run(["open", "--org", orgSlug, "--project", projectSlug, "--env", envSlug]);
  const link = out.trim();
  expect(link.startsWith(`${server.url}/login?token=`)).toBe(true);
  const opened = await fetch(link, { redirect: "manual" });
  expect(opened.status).toBe(303);
  expect(opened.headers.get("set-cookie")).toBeTruthy();
  const again = await fetch(link, { redirect: "manual" });
  expect(again.headers.get("location")).toBe("/sign-in?reason=link_expired");
  expect(again.headers.get("set-cookie")).toBeNull();
  expect(await run(["open", "--env", "nowhere"])).toMatchObject({ code: 1, err: expect.stringContaining("nowhere") });
});

test("a database that is up to date is left as it is", async () => {
  expect(await run(["migrate"])).toMatchObject({ code: 0, out: "The database is up to date.\n" });
});
