import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import { createLoginToken } from "../operations/login.ts";
import type { Runtime } from "../runtime.ts";
import { nextYear } from "../testing/next-year.ts";
import { createTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { createTestAgent, createTestThread, openTestRuntime } from "../testing/test-runtime.ts";
import {
  callServer,
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../testing/test-server.ts";

let database: TestDatabase;
let runtime: Runtime;
let server: TestServer;
let tenant: TestTenant;
let threadId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  runtime = await openTestRuntime({ connectionString: database.connectionString, env: { PLATOS_ROLE: "server" } });
  server = await startTestServer(runtime);
  tenant = await createTestTenantWithKey(runtime, server);
  threadId = await createTestThread(runtime, tenant, await createTestAgent(runtime, tenant));
});

afterAll(async () => {
  await server.close();
  await runtime.stop({ graceMs: 0 });
  await database.drop();
});

const tasks = "/api/v1/platos-tasks";

describe("what is not there is a 404 that says what to do", () => {
  const unknown: [what: string, method: string, path: string, body: unknown, code: string][] = [
    ["a thread", "GET", "/api/v1/threads/thr_nope", undefined, "thread.not_found"],
    ["a thread to write into", "POST", "/api/v1/threads/thr_nope/messages", { text: "x" }, "thread.not_found"],
    ["a thread to spawn in", "POST", tasks, { threadId: "thr_nope", prompt: "x" }, "thread.not_found"],
    ["an agent", "POST", tasks, { agent: "nobody", prompt: "x" }, "agent.not_found"],
    ["an agent to list by", "GET", `${tasks}?agent=nobody`, undefined, "agent.not_found"],
    ["a tool", "POST", tasks, { agent: "assistant", prompt: "x", tools: ["teleport"] }, "tool.not_found"],
    ["an authored BGO", "POST", tasks, { agent: "assistant", name: "nope", input: {} }, "definition.not_found"],
    [
      "a cluster member",
      "POST",
      tasks,
      { agent: "assistant", prompt: "x", targetAgent: "n" },
      "cluster.member_not_found",
    ],
    ["a BGO", "GET", `${tasks}/bgo_nope`, undefined, "bgo.not_found"],
    ["a BGO to cancel", "POST", `${tasks}/bgo_nope/cancel`, {}, "bgo.not_found"],
    ["a schedule", "GET", "/api/v1/schedules/sch_nope", undefined, "schedule.not_found"],
    ["a schedule to pause", "POST", "/api/v1/schedules/sch_nope/pause", undefined, "schedule.not_found"],
    ["a schedule to cancel", "DELETE", "/api/v1/schedules/sch_nope", undefined, "schedule.not_found"],
    ["an artifact", "GET", "/api/v1/artifacts/art_nope", undefined, "artifact.not_found"],
    ["an address", "GET", "/api/v1/nope", undefined, "route.not_found"],
  ];
  test.each(unknown)("%s", async (_what, method, path, body, code) => {
    verifies("R1");
    const answer = await tenant.call(method, path, body);
    expect(answer).toMatchObject({
      status: 404,
      body: { status: 404, code, detail: expect.stringMatching(/\w+\.$/u) },
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });
});

test("an address that takes other methods says which", async () => {
  verifies("R1");
  const refused: [method: string, path: string, allow: string][] = [
    ["DELETE", tasks, "GET, HEAD, POST"],
    ["PUT", `${tasks}/bgo_nope/cancel`, "POST"],
    ["POST", "/api/v1/events", "GET, HEAD"],
    ["POST", "/openapi.json", "GET, HEAD"],
  ];
  for (const [method, path, allow] of refused) {
    const answer = await tenant.call(method, path, {});
    expect(answer, path).toMatchObject({ status: 405, body: { code: "request.method" } });
    expect(answer.headers.get("allow"), path).toBe(allow);
  }
});

describe("what does not fit names its field", () => {
  const refused: [what: string, body: unknown, status: number, path: string | null][] = [
    ["broken JSON", "{", 400, null],
    ["a wrong type", { agent: "assistant", prompt: 7 }, 422, "prompt"],
    ["an empty prompt", { agent: "assistant", prompt: "" }, 422, "prompt"],
    ["an over-long prompt", { agent: "assistant", prompt: "x".repeat(32_001) }, 422, "prompt"],
    ["neither thread nor agent", { prompt: "x" }, 422, "agent"],
    ["an input without a name", { agent: "assistant", prompt: "x", input: [1] }, 422, "input"],
    ["an unknown field", { agent: "assistant", prompt: "x", promt: "y" }, 422, ""],
    [
      "a budget past its limit",
      { agent: "assistant", prompt: "x", budget: { maxTurns: 100_000 } },
      422,
      "budget.maxTurns",
    ],
    ["a time without a zone", { agent: "assistant", prompt: "x", runAt: "2030-01-01T00:00:00" }, 422, "runAt"],
    ["an over-long key", { agent: "assistant", prompt: "x", idempotencyKey: "k".repeat(257) }, 422, "idempotencyKey"],
    ["a body past the limit", { agent: "assistant", prompt: "x".repeat(1_100_000) }, 413, null],
  ];
  test.each(refused)("%s", async (_what, body, status, path) => {
    verifies("R1");
    const answer = await tenant.call("POST", tasks, body);
    expect(answer).toMatchObject({ status, body: { status } });
    if (path !== null) expect(answer.body).toMatchObject({ errors: [expect.objectContaining({ path })] });
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*\.ts:\d+|node_modules|select /u);
  });

  const daily = { agent: "assistant", prompt: "x", cron: "0 9 * * *", timeZone: "Europe/Berlin" };
  const unfit: [what: string, body: object, path: string, form: RegExp][] = [
    ["a cron of four fields", { cron: "0 9 * *" }, "cron", /five fields/u],
    ["a cron with seconds", { cron: "0 0 9 * * *" }, "cron", /five fields/u],
    ["a cron that never comes", { cron: "0 0 31 2 *" }, "cron", /no such day/u],
    ["a missing cron", { cron: undefined }, "cron", /string/u],
    ["an unknown time zone", { timeZone: "Mars/Base" }, "timeZone", /IANA time zone, such as/u],
    ["an offset for a time zone", { timeZone: "+02:00" }, "timeZone", /IANA time zone, such as/u],
    ["an unknown overlap policy", { overlap: "never" }, "overlap", /skip.*queue.*parallel/u],
    ["an unknown missed policy", { missed: "some" }, "missed", /skip.*one.*all/u],
    ["a jitter of a day", { jitterSeconds: 86_400 }, "jitterSeconds", /3600/u],
    ["an unbounded catch-up", { missed: "all", maxMissed: 101 }, "maxMissed", /100/u],
    ["an unknown field", { zone: "UTC" }, "", /zone/u],
  ];
  test.each(unfit)("%s", async (_what, body, path, form) => {
    verifies("P20.e", "R1");
    const answer = await tenant.call("POST", "/api/v1/schedules", { ...daily, ...body });
    expect(answer).toMatchObject({ status: 422, body: { code: "input.invalid" } });
    expect(answer.body).toMatchObject({ errors: [{ path, message: expect.stringMatching(form) }] });
  });

  test("a time that is past may be scheduled for, one too far away is refused, and no date at all as well", async () => {
    verifies("R1");
    const at = (runAt: string) => tenant.call("POST", tasks, { agent: "assistant", prompt: "x", runAt });
    expect(await at("2001-01-01T00:00:00Z")).toMatchObject({ status: 201, body: { ranAtOnce: true } });
    for (const runAt of ["2126-01-01T00:00:00Z", "+275760-09-13T00:00:00Z", "2027-02-30T00:00:00Z", "soon"]) {
      expect(await at(runAt), runAt).toMatchObject({ status: 422, body: { errors: [{ path: "runAt" }] } });
    }
  });

  test.each(["?limit=0", "?limit=101", "?status=done", "?cursor=nonsense", "?since=yesterday"])(
    "a query of %s",
    async (query) => {
      verifies("R1");
      expect(await tenant.call("GET", tasks + query)).toMatchObject({ status: 422, body: { code: "input.invalid" } });
    },
  );

  test("a body that is not JSON by its type", async () => {
    verifies("R1");
    const answer = await tenant.call("POST", tasks, '{"prompt":"x"}', { "content-type": "text/plain" });
    expect(answer).toMatchObject({ status: 415, body: { code: "request.media_type" } });
  });

  test.each([" ; charset=utf-8", ";", '; charset="utf-8"; ', ";odd=a=b"])(
    "but not JSON whose type is spelled application/json%s",
    async (rest) => {
      verifies("R1");
      const body = { agent: "assistant", prompt: "x" };
      const answer = await tenant.call("POST", tasks, body, { "content-type": `Application/JSON${rest}` });
      expect(answer).toMatchObject({ status: 201 });
    },
  );
});

test.each([
  ["and neither length nor type, as curl does", ""],
  ["and a length of none", "content-length: 0\r\n"],
  ["but a type, as many clients do", "content-type: application/json\r\ncontent-length: 0\r\n"],
])("a POST that needs no body may come without one %s", async (_what, headers) => {
  verifies("P16", "P19", "R1");
  const spawn = async (): Promise<string> => {
    const body = { agent: "assistant", prompt: "x", runAt: nextYear().toISOString() };
    return String((await tenant.call("POST", tasks, body)).body["bgoId"]);
  };
  const post = (path: string) => sendText(`POST ${tasks}/${path} HTTP/1.1\r\n${headers}`);
  expect(await post(`${await spawn()}/run-now`)).toContain('"ranAtOnce":true');
  expect(await post(`${await spawn()}/cancel`)).toContain('{"outcome":"cancelled"}');
});

describe("idempotency keys", () => {
  const body = { agent: "assistant", prompt: "the same" };

  test("the same key again answers with the first BGO, another body with 409", async () => {
    verifies("R2", "P3", "P3.a");
    const first = await tenant.call("POST", tasks, body, { "idempotency-key": "k1" });
    const again = await tenant.call("POST", tasks, { ...body, idempotencyKey: "k1" });
    expect(first).toMatchObject({ status: 201, body: { deduplicated: false } });
    expect(again).toMatchObject({ status: 200, body: { deduplicated: true, bgoId: first.body["bgoId"] } });
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    const other = await tenant.call("POST", tasks, { ...body, prompt: "another" }, { "idempotency-key": "k1" });
    expect(other).toMatchObject({ status: 409, body: { code: "idempotency.conflict" } });
  });

  test("twenty requests with one key at once make one BGO", async () => {
    verifies("P3");
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => tenant.call("POST", tasks, body, { "idempotency-key": "twenty" })),
    );
    expect(new Set(answers.map((answer) => answer.body["bgoId"])).size).toBe(1);
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    const rows = await database.query("select id from platos.platos_tasks where idempotency_key = 'twenty'");
    expect(rows).toHaveLength(1);
  });

  test("header and field that differ are a 400", async () => {
    verifies("R1");
    const answer = await tenant.call("POST", tasks, { ...body, idempotencyKey: "a" }, { "idempotency-key": "b" });
    expect(answer).toMatchObject({ status: 400, body: { code: "request.malformed" } });
  });

  test("a message posted again under its key is the same message and turn", async () => {
    verifies("R2");
    const path = `/api/v1/threads/${threadId}/messages`;
    const first = await tenant.call("POST", path, { text: "hello" }, { "idempotency-key": "m1" });
    const again = await tenant.call("POST", path, { text: "hello" }, { "idempotency-key": "m1" });
    expect(first.status).toBe(202);
    expect(again.body).toEqual(first.body);
    expect((await tenant.call("POST", path, { text: "other" }, { "idempotency-key": "m1" })).status).toBe(409);
  });
});

test("NUL bytes and lone surrogates are stored safely", async () => {
  verifies("R4");
  const body = { agent: "assistant", prompt: "a\u0000b\ud800c", label: "x\u0000" };
  const spawned = await tenant.call("POST", tasks, body);
  expect(spawned.status).toBe(201);
  const found = await tenant.call("GET", `${tasks}/${String(spawned.body["bgoId"])}`);
  expect(found.body).toMatchObject({ prompt: "a\uFFFDb\uFFFDc", label: "x\uFFFD" });
  expect((await tenant.call("GET", `${tasks}/bgo_%00`)).status).toBe(404);
  expect((await tenant.call("GET", `${tasks}?q=%00`)).status).toBe(200);
});

test("without a key, or with a wrong one, nothing opens", async () => {
  verifies("S03");
  const attempts = [
    {},
    { authorization: "Bearer wrong-wrong-wrong" },
    { authorization: "Basic eHg=" },
    { authorization: "Bearer " },
  ];
  for (const headers of attempts) {
    const answer = await callServer(server, { method: "GET", path: tasks, headers });
    expect(answer).toMatchObject({ status: 401, body: { code: "key.invalid" } });
  }
});

test("a key is stored as a hash only, and a revoked one opens nothing", async () => {
  verifies("S03");
  const { body } = await tenant.call("POST", "/api/v1/keys", { env: "staging" });
  const key = String(body["key"]);
  const headers = { authorization: `Bearer ${key}` };
  const tables = await database.query<{ row: string }>("select to_jsonb(k)::text as row from platos.api_keys k");
  expect(tables.some(({ row }) => row.includes(key))).toBe(false);
  await database.query("update platos.api_keys set revoked_at = now() where id = $1", [body["id"]]);
  expect((await callServer(server, { method: "GET", path: tasks, headers })).status).toBe(401);
});

test("a key founds environments, but does not get into one that is there already", async () => {
  verifies("P37");
  const founded = await tenant.call("POST", "/api/v1/keys", { env: "founded" });
  expect(founded.status).toBe(201);
  const again = await tenant.call("POST", "/api/v1/keys", { env: "founded" });
  expect(again).toMatchObject({ status: 403, body: { code: "key.forbidden" } });
  expect((await tenant.call("POST", "/api/v1/keys", { env: tenant.environment.envSlug })).status).toBe(201);
});

test("the name of a key is stored safely, whatever stands in it", async () => {
  verifies("R4");
  const { envSlug: env } = tenant.environment;
  expect((await tenant.call("POST", "/api/v1/keys", { env, name: "a\u0000b\ud800" })).status).toBe(201);
  const named = await database.query("select id from platos.api_keys where name = $1", ["a\uFFFDb\uFFFD"]);
  expect(named).toHaveLength(1);
});

test("addresses with a % that stands for nothing lead nowhere", async () => {
  verifies("R1");
  const dashboardDir = await mkdtemp(join(tmpdir(), "dashboard-"));
  const withPages = await startTestServer(runtime, dashboardDir);
  try {
    for (const path of ["/%", "/%ZZ", "/assets/%E0%A4%A", "/%C3%28"]) {
      const answer = await callServer(withPages, { method: "GET", path });
      expect(answer, path).toMatchObject({ status: 404, body: { code: "route.not_found" } });
    }
  } finally {
    await withPages.close();
    await rm(dashboardDir, { recursive: true });
  }
});

test("a HEAD opens no stream, and uses no sign-in link up", async () => {
  const headers = { authorization: `Bearer ${tenant.key}` };
  const stream = await callServer(server, { method: "HEAD", path: "/api/v1/events?topics=bgos", headers });
  expect(stream.status).toBe(204);
  const token = await createLoginToken(runtime.operations, tenant.scope);
  expect((await callServer(server, { method: "HEAD", path: `/login?token=${token}` })).status).toBe(204);
  const opened = await callServer(server, { method: "GET", path: `/login?token=${token}` });
  expect(opened.headers.get("set-cookie")).toContain("HttpOnly");
});

test("numbers that the database cannot hold are refused", async () => {
  verifies("R1");
  const path = `/api/v1/threads/${threadId}/messages?after=9999999999`;
  expect(await tenant.call("GET", path)).toMatchObject({ status: 422, body: { errors: [{ path: "after" }] } });
});

test("a key makes keys in its own project only", async () => {
  verifies("P37");
  const answer = await tenant.call("POST", "/api/v1/keys", { env: "dev", org: "somebody-else", project: "theirs" });
  expect(answer).toMatchObject({ status: 403, body: { code: "key.forbidden" } });
});

test.each([
  ["a foreign Host", { host: "evil.example" }, "request.foreign_host"],
  ["a foreign Origin", { origin: "https://evil.example" }, "request.foreign_origin"],
  ["the origin of no page", { origin: "null" }, "request.foreign_origin"],
])("%s is refused", async (_what, headers, code) => {
  verifies("S04");
  const answer = await sendRaw(server, { ...headers, authorization: `Bearer ${tenant.key}` });
  expect(answer).toContain(" 403 ");
  expect(answer).toContain(code);
});

test.each(["127.0.0.1:abc", "a@127.0.0.1", "127.0.0.1/x", "two names", ""])(
  "a Host of %j, which is none, is a problem like any other",
  async (host) => {
    verifies("S04", "R1");
    const answer = await sendText(`GET ${tasks} HTTP/1.1\r\n`, host);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
    expect(answer).toContain("application/problem+json");
    expect(answer).toContain('"code":"request.malformed"');
  },
);

/** `fetch` always says how long a body is. Sends a request line and headers with this tenant's key. */
async function sendText(head: string, host = new URL(server.url).host): Promise<string> {
  const { connect } = await import("node:net");
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${head}host: ${host}\r\nauthorization: Bearer ${tenant.key}\r\nconnection: close\r\n\r\n`);
  let answer = "";
  for await (const piece of socket.setEncoding("utf8")) answer += String(piece);
  return answer;
}

/** `fetch` will not send a Host or Origin of our choice. */
async function sendRaw(to: TestServer, headers: Readonly<Record<string, string>>): Promise<string> {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const sent = request(to.url + tasks, { headers }, (response) => {
      let text = `HTTP ${response.statusCode} `;
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(text));
    });
    sent.on("error", reject);
    sent.end();
  });
}
