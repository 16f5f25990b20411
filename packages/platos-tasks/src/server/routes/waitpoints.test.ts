import { createClient, type WaitpointEvent } from "@platos-tasks/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import type { Agent } from "../../core/agent.ts";
import { waitLimits } from "../../core/waitpoint.ts";
import { cancelBgo } from "../../operations/cancel-bgo.ts";
import { spawnBgo } from "../../operations/spawn-bgo.ts";
import { useRuntime } from "../../testing/runtime-fixture.ts";
import { call, text } from "../../testing/scripted-model-port.ts";
import { createTestAgent, createTestThread, eventually } from "../../testing/test-runtime.ts";
import {
  callServer,
  createTestTenantWithKey,
  startTestServer,
  type TestAnswer,
  type TestServer,
  type TestTenant,
} from "../../testing/test-server.ts";

const fixture = useRuntime({ works: true });
let server: TestServer;
let tenant: TestTenant;
let agent: Agent;

beforeAll(async () => {
  const secrets = new Map([["SHOP", "a secret of the shop"]]);
  server = await startTestServer(fixture.runtime, null, secrets);
  tenant = await createTestTenantWithKey(fixture.runtime, server);
  agent = await createTestAgent(fixture.runtime, tenant);
});

afterAll(() => server.close());

const waitpoints = "/api/v1/waitpoints";

const createToken = async (body: object = {}): Promise<string> => {
  const { body: made } = await tenant.call("POST", waitpoints, body);
  return String(made["id"]);
};

const complete = (id: string, value?: unknown): Promise<TestAnswer> =>
  tenant.call("POST", `${waitpoints}/${id}/complete`, value === undefined ? {} : { value });

async function spawn(prompt: string): Promise<{ readonly id: string; readonly threadId: string }> {
  const threadId = await createTestThread(fixture.runtime, tenant, agent);
  const { bgo } = await spawnBgo(fixture.operations, tenant, { prompt, threadId });
  return { id: bgo.id, threadId };
}

/** Waits until the API shows the BGO in a status. */
const reached = (bgoId: string, status: string): Promise<TestAnswer["body"]> =>
  eventually(`${bgoId} to be ${status}`, async () => {
    const { body } = await tenant.call("GET", `/api/v1/platos-tasks/${bgoId}`);
    return body["status"] === status ? body : null;
  });

async function openWaitOf(bgoId: string): Promise<{ readonly [key: string]: unknown }> {
  await reached(bgoId, "waiting");
  const { body } = await tenant.call("GET", `/api/v1/platos-tasks/${bgoId}/waits`);
  return (body["items"] as { [key: string]: unknown }[])[0] ?? {};
}

const expire = (id: unknown) =>
  fixture.database.query("update platos.waitpoints set due_at = now() - interval '1 second' where id = $1", [id]);

describe("a token that was made by API", () => {
  test("is shown with its links while it is open, and without them once it is answered", async () => {
    verifies("P21", "P21.a");
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    const made = await tenant.call("POST", waitpoints, { question: "Ready?", schema, timeoutSeconds: 60 });
    expect(made).toMatchObject({ status: 201, body: { kind: "token", status: "open", question: "Ready?", schema } });
    expect(made.body).toMatchObject({ bgoId: null, threadId: null, resolution: null, signature: null });
    expect(made.body["publicUrl"]).toMatch(new RegExp(`^${server.url}/w/[\\w-]{43}$`, "u"));
    expect(made.body["webhookUrl"]).toMatch(new RegExp(`^${server.url}/hooks/[\\w-]{43}$`, "u"));
    const id = String(made.body["id"]);
    expect((await tenant.call("GET", `${waitpoints}/${id}`)).body).toEqual(made.body);
    expect(await complete(id, { ok: true })).toMatchObject({
      status: 200,
      body: { id, status: "completed", resolution: { ok: true }, publicUrl: null, webhookUrl: null },
    });
    const { actor } = (await fixture.operations.store.autocommit.audit.list(tenant.scope, id, 10)).at(-1) ?? {};
    expect(actor).toMatchObject({ type: "api_key" });
  });

  test("is stored as a hash, and is in no row, event or audit entry in clear", async () => {
    verifies("S10");
    const { body } = await tenant.call("POST", waitpoints, { question: "Secret?" });
    const token = String(body["publicUrl"]).split("/").at(-1) ?? "";
    for (const table of ["waitpoints", "events", "audit_entries", "messages"]) {
      const rows = await fixture.database.query<{ row: string }>(
        `select to_jsonb(t)::text as row from platos.${table} t`,
      );
      expect(
        rows.some(({ row }) => row.includes(token)),
        table,
      ).toBe(false);
    }
  });

  test("may be answered before anybody waits for it: who waits then has the answer at once", async () => {
    verifies("P21");
    const id = await createToken();
    await complete(id, "early");
    fixture.model.on("wait for what is there", [[call("wait_for_token", { waitpointId: id })], [text("got it")]]);
    const bgo = await spawn("wait for what is there");
    expect(await reached(bgo.id, "completed")).toMatchObject({ output: "got it" });
    expect((await tenant.call("GET", `/api/v1/platos-tasks/${bgo.id}/waits`)).body).toMatchObject({
      items: [{ id, bgoId: bgo.id, threadId: bgo.threadId, status: "completed", resolution: "early" }],
    });
  });

  test("may be waited for first", async () => {
    verifies("P21");
    const id = await createToken({ question: "Later?" });
    fixture.model.on("wait for what comes", [[call("wait_for_token", { waitpointId: id })], [text("got it")]]);
    const bgo = await spawn("wait for what comes");
    expect(await openWaitOf(bgo.id)).toMatchObject({ id, status: "open", question: "Later?" });
    expect(await complete(id, "late")).toMatchObject({ status: 200 });
    await reached(bgo.id, "completed");
  });

  test.each([
    ["a schema with a pattern", { schema: { type: "string", pattern: "(a+)+$" } }, "schema"],
    ["a secret that is not configured", { signature: { secret: "nobody" } }, "signature.secret"],
    ["a time of no length", { timeoutSeconds: 0 }, "timeoutSeconds"],
    ["a time of more than a year", { timeoutSeconds: waitLimits.maxSeconds + 1 }, "timeoutSeconds"],
    ["an over-long question", { question: "x".repeat(waitLimits.questionChars + 1) }, "question"],
    ["an unknown field", { colour: "red" }, ""],
  ])("is refused with %s", async (_what, body, path) => {
    verifies("P21");
    const answer = await tenant.call("POST", waitpoints, body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [expect.objectContaining({ path })] } });
  });

  test("with a signature that is asked for has no page", async () => {
    const { body } = await tenant.call("POST", waitpoints, { signature: { secret: "shop", header: "X-Shop" } });
    expect(body).toMatchObject({ publicUrl: null, signature: { secret: "shop", header: "x-shop" } });
    expect(body["webhookUrl"]).toContain("/hooks/");
  });
});

describe("an answer that cannot be taken", () => {
  test("because nobody knows the waitpoint, or it is somebody else's, is a 404", async () => {
    verifies("P21", "S10");
    const stranger = await createTestTenantWithKey(fixture.runtime, server);
    const id = await createToken();
    expect(await complete(id)).toMatchObject({ status: 422, body: { errors: [{ path: "value" }] } });
    expect(await complete("wpt_nope", 1)).toMatchObject({ status: 404, body: { code: "waitpoint.not_found" } });
    const foreign = await stranger.call("POST", `${waitpoints}/${id}/complete`, { value: 1 });
    expect(foreign).toMatchObject({ status: 404, body: { code: "waitpoint.not_found" } });
    expect((await stranger.call("GET", waitpoints)).body).toMatchObject({ items: [] });
    expect((await tenant.call("GET", `${waitpoints}/${id}`)).body).toMatchObject({ status: "open" });
  });

  test("because of its form is a 422 that names the field, and the wait stays open", async () => {
    verifies("P21");
    const id = await createToken({
      schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
    });
    expect(await complete(id, { n: "many" })).toMatchObject({ status: 422, body: { errors: [{ path: "n" }] } });
    expect((await tenant.call("GET", `${waitpoints}/${id}`)).body).toMatchObject({ status: "open" });
    expect(await complete(id, { n: 1 })).toMatchObject({ status: 200 });
  });

  test("because of its size is a 413, because of its depth a 422, and the wait stays open", async () => {
    verifies("P21");
    const id = await createToken();
    expect(await complete(id, "x".repeat(waitLimits.valueBytes + 1))).toMatchObject({ status: 413 });
    expect(await complete(id, "x".repeat(1_100_000))).toMatchObject({ status: 413 });
    const deep = `{"value":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    expect((await tenant.call("POST", `${waitpoints}/${id}/complete`, deep)).status).toBe(422);
    expect((await tenant.call("GET", `${waitpoints}/${id}`)).body).toMatchObject({ status: "open" });
  });

  test("because it was answered before is a 409 that says whether it was the same", async () => {
    verifies("P21.b");
    const id = await createToken();
    await complete(id, { a: 1, b: 2 });
    const detail = (words: string) => ({ status: 409, body: { code: "waitpoint.resolved", detail: words } });
    expect(await complete(id, { b: 2, a: 1 })).toMatchObject(detail(expect.stringContaining("with the same answer")));
    expect(await complete(id, { a: 2 })).toMatchObject(detail(expect.stringContaining("with another answer")));
    expect((await tenant.call("GET", `${waitpoints}/${id}`)).body).toMatchObject({ resolution: { a: 1, b: 2 } });
  });

  test("because its time is over, or what waited has ended, is a 410", async () => {
    verifies("P21.b");
    const id = await createToken();
    await expire(id);
    expect(await complete(id, 1)).toMatchObject({ status: 410, body: { code: "waitpoint.expired" } });
    fixture.model.on("wait to be stopped", [[call("wait_for_token", { question: "?" })], [text("never")]]);
    const bgo = await spawn("wait to be stopped");
    const wait = await openWaitOf(bgo.id);
    await cancelBgo(fixture.operations, tenant, { bgoId: bgo.id });
    expect(await complete(String(wait["id"]), 1)).toMatchObject({
      status: 410,
      body: { detail: expect.stringContaining("What waited for this had ended") },
    });
  });
});

test("a wait can be failed: its BGO is told the reason and goes on", async () => {
  verifies("P21");
  fixture.model.on("wait and fail", [[call("wait_for_token", { question: "?" }, "c1")], [text("coped")]]);
  const bgo = await spawn("wait and fail");
  const { id } = await openWaitOf(bgo.id);
  const failed = await tenant.call("POST", `${waitpoints}/${String(id)}/fail`, { reason: "the shop is closed" });
  expect(failed).toMatchObject({
    status: 200,
    body: { status: "failed", resolution: { reason: "the shop is closed" } },
  });
  await reached(bgo.id, "completed");
  const steps = await tenant.call("GET", `/api/v1/platos-tasks/${bgo.id}/steps`);
  expect(JSON.stringify(steps.body)).toContain("What was waited for failed: the shop is closed");
});

test("an operator answers for the user, and ends a sleep early", async () => {
  verifies("P22", "P21");
  fixture.model.on("ask the user", [[call("wait_for_reply", { question: "Colour?" }, "c1")], [text("done")]]);
  const asking = await spawn("ask the user");
  const reply = String((await openWaitOf(asking.id))["id"]);
  expect(await complete(reply, { colour: "red" })).toMatchObject({ status: 422 });
  expect(await complete(reply, "red")).toMatchObject({ body: { resolution: { text: "red", messageId: null } } });
  await reached(asking.id, "completed");
  expect(await complete(reply, { text: "red" })).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("with the same answer") },
  });

  fixture.model.on("sleep for years", [[call("wait_until", { until: "2031-05-01T09:00:00Z" })], [text("up")]]);
  const sleeping = await spawn("sleep for years");
  const wait = await openWaitOf(sleeping.id);
  expect(wait).toMatchObject({
    kind: "time",
    publicUrl: null,
    webhookUrl: null,
    expiresAt: "2031-05-01T09:00:00.000Z",
  });
  expect(await complete(String(wait["id"]))).toMatchObject({ status: 200, body: { status: "completed" } });
  expect(await reached(sleeping.id, "completed")).toMatchObject({ output: "up" });
});

test("waits are listed, newest first, by status, kind, BGO and thread, page by page", async () => {
  verifies("P30.f");
  const other = await createTestTenantWithKey(fixture.runtime, server);
  const make = async () => String((await other.call("POST", waitpoints, {})).body["id"]);
  const ids = [await make(), await make(), await make()].toReversed();
  await other.call("POST", `${waitpoints}/${ids[0] ?? ""}/complete`, { value: null });
  const list = async (query: string) => {
    const { body } = await other.call("GET", `${waitpoints}?${query}`);
    return { ids: (body["items"] as { id: string }[]).map(({ id }) => id), next: body["nextCursor"] };
  };
  const first = await list("limit=2");
  expect(first.ids).toEqual(ids.slice(0, 2));
  expect(await list(`limit=2&cursor=${String(first.next)}`)).toEqual({ ids: ids.slice(2), next: null });
  expect((await list("status=open")).ids).toEqual(ids.slice(1));
  expect((await list("kind=reply")).ids).toEqual([]);
  expect((await list("bgo=bgo_nope&thread=thr_nope")).ids).toEqual([]);
  expect((await other.call("GET", `${waitpoints}?status=done`)).status).toBe(422);
});

test("who follows the thread, the BGO or all BGOs is told when a wait opens and how it ends", async () => {
  verifies("P21", "P13");
  const client = createClient({ baseUrl: server.url, apiKey: tenant.key });
  fixture.model.on("wait in view", [[call("wait_for_token", { question: "Seen?" })], [text("seen")]]);
  const { eventCursor } = await client.session.get();
  const bgo = await spawn("wait in view");
  const wait = await openWaitOf(bgo.id);
  await client.waitpoints.complete(String(wait["id"]), "yes");
  await reached(bgo.id, "completed");
  for (const topic of [`thread:${bgo.threadId}`, `bgo:${bgo.id}`, "bgos"] as const) {
    const stop = new AbortController();
    const seen: WaitpointEvent[] = [];
    await client.subscribe({
      topics: [topic],
      after: eventCursor,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type !== "waitpoint.created" && event.type !== "waitpoint.resolved") return;
        seen.push(event);
        if (event.type === "waitpoint.resolved") stop.abort();
      },
    });
    expect(
      seen.map(({ type }) => type),
      topic,
    ).toEqual(["waitpoint.created", "waitpoint.resolved"]);
    expect(seen[1]).toMatchObject({
      threadId: bgo.threadId,
      bgoId: bgo.id,
      waitpoint: { id: wait["id"], status: "completed", resolution: "yes", publicUrl: null },
    });
  }
});

test("a message says which question it answers, in a chat client as well", async () => {
  verifies("P22");
  fixture.model.on("ask which", [[call("wait_for_reply", { question: "Which?" }, "c1")], [text("told")]]);
  const first = await spawn("ask which");
  await openWaitOf(first.id);
  const { bgo: other } = await spawnBgo(fixture.operations, tenant, { prompt: "ask which", threadId: first.threadId });
  const { bgo: third } = await spawnBgo(fixture.operations, tenant, { prompt: "ask which", threadId: first.threadId });
  const named = await openWaitOf(other.id);
  const last = await openWaitOf(third.id);
  const messages = `/api/v1/threads/${first.threadId}/messages`;
  const posted = await tenant.call("POST", messages, { text: "This one", inReplyTo: named["id"] });
  expect(posted).toMatchObject({ status: 202, body: { answeredWaitpointId: named["id"] } });
  await reached(other.id, "completed");
  const listed = (await tenant.call("GET", messages)).body["items"] as { text: string; waitpointId: string }[];
  expect(listed.filter(({ waitpointId }) => waitpointId === named["id"])).toEqual([
    expect.objectContaining({ kind: "question", bgoId: other.id }),
    expect.objectContaining({ role: "user", id: posted.body["messageId"] }),
  ]);
  expect(await tenant.call("POST", messages, { text: "Again", inReplyTo: named["id"] })).toMatchObject({
    status: 404,
    body: { code: "waitpoint.not_found", errors: [{ path: "inReplyTo" }] },
  });
  const chat = {
    id: first.threadId,
    inReplyTo: last["id"],
    messages: [{ id: "m1", role: "user", parts: [{ type: "text", text: "That one" }] }],
  };
  expect((await tenant.call("POST", "/api/v1/chat", chat)).status).toBe(200);
  await reached(third.id, "completed");
  expect((await tenant.call("GET", `/api/v1/platos-tasks/${first.id}`)).body).toMatchObject({ status: "waiting" });
  expect((await tenant.call("POST", messages, { text: "The rest" })).body["answeredWaitpointId"]).not.toBeNull();
  await reached(first.id, "completed");
});

test("all of it can be done with the typed client", async () => {
  verifies("P36", "P30.f");
  const client = createClient({ baseUrl: server.url, apiKey: tenant.key });
  const made = await client.waitpoints.create({ question: "Typed?", schema: { type: "boolean" } });
  expect(await client.waitpoints.get(made.id)).toEqual(made);
  expect((await client.waitpoints.list({ status: "open", kind: "token", limit: 1 })).items).toEqual([made]);
  expect(await client.waitpoints.complete(made.id, true)).toMatchObject({ status: "completed", resolution: true });
  const refused = client.waitpoints.fail(made.id, { reason: "too late" });
  await expect(refused).rejects.toMatchObject({ status: 409, code: "waitpoint.resolved" });
  fixture.model.on("wait for types", [[call("wait_for_reply", { question: "Types?" }, "c1")], [text("typed")]]);
  const bgo = await spawn("wait for types");
  await openWaitOf(bgo.id);
  const [wait] = (await client.bgos.waits(bgo.id)).items;
  expect(wait).toMatchObject({ kind: "reply", bgoId: bgo.id, question: "Types?" });
  const receipt = await client.threads.messages.create(bgo.threadId, { text: "Yes", inReplyTo: wait?.id ?? "" });
  expect(receipt.answeredWaitpointId).toBe(wait?.id);
  await reached(bgo.id, "completed");
});

test("a process with another secret for links shows none, rather than one that leads nowhere", async () => {
  verifies("S10");
  const links = { tokenOf: (waitpointId: string) => `${waitpointId}, made of another secret` };
  const operations = { ...fixture.operations, links };
  const other = await startTestServer({ ...fixture.runtime, operations });
  const id = await createToken();
  const headers = { authorization: `Bearer ${tenant.key}` };
  const seen = await callServer(other, { method: "GET", path: `${waitpoints}/${id}`, headers });
  expect(seen.body).toMatchObject({ id, status: "open", publicUrl: null, webhookUrl: null });
  await other.close();
});
