import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import { waitLimits } from "../../core/waitpoint.ts";
import { spawnBgo } from "../../operations/spawn-bgo.ts";
import { createBarrier } from "../../testing/gate.ts";
import { useRuntime } from "../../testing/runtime-fixture.ts";
import { call, text } from "../../testing/scripted-model-port.ts";
import { createTestAgent, createTestThread, eventually } from "../../testing/test-runtime.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../testing/test-server.ts";

const fixture = useRuntime({ works: true });
const standardSecret = `whsec_${Buffer.from("24 bytes are the shortest").toString("base64")}`;
const secrets = new Map([
  ["SHOP", standardSecret],
  ["CODE_HOST", "plain text of some length"],
]);
let server: TestServer;
let tenant: TestTenant;
let now = new Date();

beforeAll(async () => {
  const clock = { ...fixture.runtime.clock, now: () => now };
  const runtime = { ...fixture.runtime, operations: { ...fixture.operations, clock } };
  server = await startTestServer(runtime, null, secrets);
  tenant = await createTestTenantWithKey(fixture.runtime, server);
});

afterAll(() => server.close());

// All tests come from one address: each begins with what it may ask in a minute.
beforeEach(() => {
  now = new Date(now.getTime() + 60_000);
});

interface Hook {
  readonly id: string;
  readonly url: string;
}

async function createHook(body: object = {}): Promise<Hook> {
  const { body: made } = await tenant.call("POST", "/api/v1/waitpoints", body);
  return { id: String(made["id"]), url: String(made["webhookUrl"]) };
}

const rowOf = async ({ id }: Pick<Hook, "id">) => {
  const found = await fixture.operations.store.autocommit.waitpoints.find(tenant.scope, id);
  if (found === null) throw new Error(`There is no ${id}.`);
  return found;
};

interface Answer {
  readonly status: number;
  readonly body: { readonly [key: string]: unknown };
}

async function post(
  { url }: Pick<Hook, "url">,
  body: NonNullable<RequestInit["body"]>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: "POST", body, headers });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

const json = { "content-type": "application/json" };
const postJson = (hook: Pick<Hook, "url">, value: unknown, headers: Record<string, string> = {}) =>
  post(hook, JSON.stringify(value), { ...json, ...headers });

describe("a webhook", () => {
  test("answers what waits with its JSON, and tells the sender no more than that it was taken", async () => {
    verifies("P21.a", "P22.a");
    const hook = await createHook({ question: "Is it paid?" });
    expect(await postJson(hook, { event: "paid", amount: 3 })).toEqual({ status: 200, body: { deduplicated: false } });
    expect(await rowOf(hook)).toMatchObject({
      resolution: { event: "paid", amount: 3 },
      resolvedBy: { type: "webhook", id: null },
    });
  });

  test("may be a form, in parts or not, or text; its files are not kept", async () => {
    verifies("P22.a");
    const [one, other, plain] = [await createHook(), await createHook(), await createHook()];
    expect((await post(one, new URLSearchParams("a=1&b=2&b=3"))).status).toBe(200);
    expect((await rowOf(one)).resolution).toEqual({ a: "1", b: ["2", "3"] });
    const parts = new FormData();
    parts.append("a", "ü");
    parts.append("file", new Blob(["x".repeat(waitLimits.valueBytes * 2)]), "big.bin");
    expect((await post(other, parts)).status).toBe(200);
    expect((await rowOf(other)).resolution).toEqual({ a: "ü" });
    expect((await post(plain, "done")).status).toBe(200);
    expect((await rowOf(plain)).resolution).toBe("done");
  });

  test("that comes again is taken as done; another one is a conflict", async () => {
    verifies("P21.b", "S10");
    const hook = await createHook();
    await postJson(hook, { id: 7, at: "noon\u0000" });
    expect(await postJson(hook, { at: "noon\u0000", id: 7 })).toEqual({ status: 200, body: { deduplicated: true } });
    const other = await postJson(hook, { id: 8 });
    expect(other).toMatchObject({ status: 409, body: { code: "waitpoint.resolved" } });
    expect(JSON.stringify(other.body)).not.toContain("noon");
    expect((await rowOf(hook)).resolution).toMatchObject({ id: 7 });
  });

  test("that comes too late is a 410", async () => {
    verifies("P21.b", "S10");
    const hook = await createHook();
    await fixture.database.query("update platos.waitpoints set due_at = now() where id = $1", [hook.id]);
    expect(await postJson(hook, 1)).toMatchObject({ status: 410, body: { code: "waitpoint.expired" } });
  });

  test("is refused with 404 for an unknown token, 413, 415, 400 or 422 for its body, and the wait stays open", async () => {
    verifies("P21", "S10");
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    const hook = await createHook({ schema });
    expect((await postJson({ url: `${server.url}/hooks/${"c".repeat(43)}` }, 1)).status).toBe(404);
    expect((await postJson(hook, "x".repeat(waitLimits.valueBytes))).status).toBe(413);
    expect((await post(hook, "<ok/>", { "content-type": "text/xml" })).status).toBe(415);
    expect((await post(hook, "{", json)).status).toBe(400);
    expect(await postJson(hook, { ok: "maybe" })).toMatchObject({ status: 422, body: { errors: [{ path: "ok" }] } });
    expect((await post(hook, "x", { "content-type": "multipart/form-data" })).status).toBe(400);
    expect((await rowOf(hook)).status).toBe("open");
    expect((await postJson(hook, { ok: true })).status).toBe(200);
  });

  test("is a 422 when it is nested too deep, in whatever shape and however late it comes", async () => {
    verifies("S10");
    const hook = await createHook();
    const deep = `${"[".repeat(60_000)}${"]".repeat(60_000)}`;
    const mail = `{"from": "ann@example.org", "subject": "deep", "text": "x", "other": ${deep}}`;
    expect((await post(hook, mail, json)).status).toBe(422);
    expect((await post(hook, deep, json)).status).toBe(422);
    expect((await postJson(hook, 1)).status).toBe(200);
    expect((await post(hook, deep, json)).status).toBe(422);
  });

  test("is nothing that can be read", async () => {
    verifies("S10");
    const hook = await createHook();
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
      expect((await fetch(hook.url, { method })).status, method).toBe(404);
    }
    expect((await rowOf(hook)).status).toBe("open");
  });
});

/** Headers of Standard Webhooks. */
function signed(body: string, changes: { id?: string; atMs?: number; secret?: string; before?: string } = {}) {
  const id = changes.id ?? "msg_1";
  const timestamp = String(Math.floor((changes.atMs ?? now.getTime()) / 1000));
  const key = Buffer.from((changes.secret ?? standardSecret).slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    ...json,
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `${changes.before ?? ""}v1,${signature}`,
  };
}

describe("a webhook that must be signed", () => {
  const body = '{"paid": true}';

  test("by Standard Webhooks is taken when one of its signatures is right", async () => {
    verifies("P22.a", "S10");
    const one = await createHook({ signature: { secret: "shop" } });
    expect(await post(one, body, signed(body))).toMatchObject({ status: 200 });
    expect(await rowOf(one)).toMatchObject({ resolution: { paid: true }, resolvedBy: { type: "webhook", id: "shop" } });
    const rotated = await createHook({ signature: { secret: "shop" } });
    expect(await post(rotated, body, signed(body, { before: "v1,AAAA v1a,BBBB " }))).toMatchObject({ status: 200 });
  });

  test("is the one of the standard's own example", async () => {
    // From the specification's reference libraries: secret, message and signature as they print them.
    const { requireSignature } = await import("./webhook-signature.ts");
    const headers: Record<string, string> = {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const secret = { of: () => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };
    const request = (text: string) => ({
      body: Buffer.from(text),
      header: (name: string) => headers[name],
      now: new Date(1_614_265_330_000),
    });
    expect(() => requireSignature({ secret: "any" }, secret, request('{"test": 2432232314}'))).not.toThrow();
    expect(() => requireSignature({ secret: "any" }, secret, request('{"test": 2432232315}'))).toThrow(
      "no valid signature",
    );
  });

  test.each([
    ["without a signature", () => json],
    ["with the signature of another body", () => signed('{"paid": false}')],
    ["with another secret", () => signed(body, { secret: `whsec_${Buffer.from("not this one").toString("base64")}` })],
    ["with another id than was signed", () => ({ ...signed(body), "webhook-id": "msg_2" })],
    ["six minutes old", () => signed(body, { atMs: now.getTime() - 360_000 })],
    ["six minutes early", () => signed(body, { atMs: now.getTime() + 360_000 })],
    ["with a time that is none", () => ({ ...signed(body), "webhook-timestamp": "1e9" })],
    ["with a cut signature", () => ({ ...signed(body), "webhook-signature": "v1," })],
  ])("is refused %s, and the wait stays open", async (_what, headers) => {
    verifies("S10");
    const hook = await createHook({ signature: { secret: "shop" } });
    expect(await post(hook, body, headers())).toMatchObject({ status: 401, body: { code: "webhook.not_signed" } });
    expect((await rowOf(hook)).status).toBe("open");
  });

  test("and was taken is told of nothing when it comes again unsigned", async () => {
    verifies("S10");
    const hook = await createHook({ signature: { secret: "shop" } });
    await post(hook, body, signed(body));
    expect((await post(hook, body, json)).status).toBe(401);
    expect(await post(hook, body, signed(body))).toEqual({ status: 200, body: { deduplicated: true } });
  });

  test("by a header of its own is taken with the hex HMAC of its very bytes", async () => {
    verifies("P22.a", "S10");
    const signature = { secret: "code-host", header: "X-Hub-Signature-256" };
    const hex = createHmac("sha256", "plain text of some length").update(body).digest("hex");
    const [prefixed, bare, wrong] = [
      await createHook({ signature }),
      await createHook({ signature }),
      await createHook({ signature }),
    ];
    expect((await post(prefixed, body, { ...json, "x-hub-signature-256": `sha256=${hex}` })).status).toBe(200);
    expect((await post(bare, body, { ...json, "x-hub-signature-256": hex.toUpperCase() })).status).toBe(200);
    for (const value of [hex.slice(1), `${hex.slice(0, -1)}${hex.endsWith("0") ? "1" : "0"}`, "", "sha256="]) {
      expect((await post(wrong, body, { ...json, "x-hub-signature-256": value })).status, value).toBe(401);
    }
    expect((await post(wrong, `${body} `, { ...json, "x-hub-signature-256": hex })).status).toBe(401);
    expect((await rowOf(wrong)).status).toBe("open");
  });
});

async function askingBgo(prompt: string) {
  fixture.model.on(prompt, [[call("wait_for_reply", { question: "Which colour?" }, "c1")], [text("painting")]]);
  const agent =
    (await fixture.operations.store.autocommit.agents.find(tenant.scope, "assistant")) ??
    (await createTestAgent(fixture.runtime, tenant));
  const threadId = await createTestThread(fixture.runtime, tenant, agent);
  const { bgo } = await spawnBgo(fixture.operations, tenant, { prompt, threadId });
  const wait = await eventually("the question", async () => {
    const { body } = await tenant.call("GET", `/api/v1/platos-tasks/${bgo.id}/waits`);
    return (body["items"] as { id: string; webhookUrl: string; publicUrl: string }[])[0];
  });
  const ended = () =>
    eventually("the BGO to end", async () => {
      const { body } = await tenant.call("GET", `/api/v1/platos-tasks/${bgo.id}`);
      return body["status"] === "completed" ? body : null;
    });
  const messages = async () => (await tenant.call("GET", `/api/v1/threads/${threadId}/messages`)).body["items"];
  return { bgo, wait, ended, messages };
}

describe("the customer's reply", () => {
  test("comes by e-mail: it ends the wait and stands in the thread as the user's words", async () => {
    verifies("P22.a", "P22");
    const { wait, ended, messages } = await askingBgo("ask by e-mail");
    const email = {
      From: "ann@example.org",
      Subject: "Re: colour",
      StrippedTextReply: "Red.",
      TextBody: "Red.\n> Which?",
    };
    expect(await postJson({ url: wait.webhookUrl }, email)).toMatchObject({ status: 200 });
    expect(await ended()).toMatchObject({ output: "painting" });
    const posted = expect.objectContaining({
      role: "user",
      waitpointId: wait.id,
      parts: [{ type: "text", text: "Red." }],
    });
    expect(await messages()).toEqual([
      expect.objectContaining({ kind: "question", waitpointId: wait.id }),
      posted,
      expect.objectContaining({ kind: "bgo_completed" }),
    ]);
    const { resolution } = await rowOf(wait);
    expect(resolution).toEqual({ text: "Red.", messageId: expect.stringMatching(/^msg_/u) });
    expect(await postJson({ url: wait.webhookUrl }, email)).toEqual({ status: 200, body: { deduplicated: true } });
    expect(await postJson({ url: wait.webhookUrl }, { text: "Blue." })).toMatchObject({ status: 409 });
    expect(await messages()).toHaveLength(3);
  });

  test("comes from the page behind the link", async () => {
    verifies("P22.a");
    const { wait, ended, messages } = await askingBgo("ask by link");
    const sent = await fetch(wait.publicUrl, { method: "POST", body: new URLSearchParams({ value: "Green" }) });
    expect(sent.status).toBe(200);
    await ended();
    expect(JSON.stringify(await messages())).toContain("Green");
  });

  test("by e-mail and in the thread at once: one of them is for the BGO", async () => {
    verifies("P22.a", "S10");
    for (let round = 0; round < 3; round += 1) {
      const { wait, ended, messages, bgo } = await askingBgo(`ask twice over ${round}`);
      const barrier = createBarrier(2);
      const post = async () => {
        await barrier();
        return tenant.call("POST", `/api/v1/threads/${bgo.threadId}/messages`, { text: "in the thread" });
      };
      const mail = async () => {
        await barrier();
        return postJson({ url: wait.webhookUrl }, { text: "by e-mail" });
      };
      const [posted, mailed] = await Promise.all([post(), mail()]);
      await ended();
      const isPosted = posted.body["answeredWaitpointId"] === wait.id;
      expect(mailed.status).toBe(isPosted ? 409 : 200);
      const said = (await messages()) as { role: string; waitpointId: string | null; parts: { text: string }[] }[];
      const answers = said.filter(({ role, waitpointId }) => role === "user" && waitpointId === wait.id);
      expect(answers.map(({ parts }) => parts[0]?.text)).toEqual([isPosted ? "in the thread" : "by e-mail"]);
    }
  });

  test("is text: anything else is refused, and the wait stays open", async () => {
    verifies("P22.a");
    const { wait, ended } = await askingBgo("ask in vain");
    expect(await postJson({ url: wait.webhookUrl }, { colour: "red" })).toMatchObject({ status: 422 });
    expect((await rowOf(wait)).status).toBe("open");
    await postJson({ url: wait.webhookUrl }, { text: "red" });
    await ended();
  });
});

describe("an e-mail that came in", () => {
  const common = { from: "Ann <ann@example.org>", subject: "Offer", text: "Yes, please." };
  const shapes: [what: string, payload: Record<string, unknown>][] = [
    [
      "with a stripped text and its own signature",
      {
        sender: "Ann <ann@example.org>",
        subject: "Offer",
        "body-plain": "Yes, please.\n> old",
        "stripped-text": "Yes, please.",
        timestamp: "1",
        token: "t",
        signature: "s",
      },
    ],
    [
      "in capitals",
      { From: "Ann <ann@example.org>", Subject: "Offer", TextBody: "Yes, please.", Attachments: [{ Content: "eA==" }] },
    ],
    [
      "with an envelope",
      { envelope: { from: "Ann <ann@example.org>" }, headers: { subject: "Offer" }, plain: "Yes, please." },
    ],
    [
      "of HTML alone",
      { from: "Ann <ann@example.org>", subject: "Offer", html: "<style>a{}</style><p>Yes, <b>please</b>.</p>" },
    ],
  ];
  test.each(shapes)("%s is told in one form", async (_what, payload) => {
    verifies("P22.a");
    const hook = await createHook();
    expect((await postJson(hook, payload)).status).toBe(200);
    const { resolution } = await rowOf(hook);
    expect(resolution).toMatchObject(common);
    expect(resolution).not.toMatchObject({ fields: { signature: expect.anything() } });
  });

  test("comes as a form with attachments, which are left behind", async () => {
    verifies("P22.a");
    const hook = await createHook();
    const form = new FormData();
    for (const [name, value] of Object.entries({
      ...common,
      to: "in@example.org",
      envelope: '{"to":["in@example.org"]}',
    })) {
      form.append(name, value);
    }
    form.append("attachment1", new Blob(["x".repeat(400_000)]), "photo.jpg");
    expect((await post(hook, form)).status).toBe(200);
    expect((await rowOf(hook)).resolution).toEqual({
      ...common,
      fields: { to: "in@example.org", envelope: '{"to":["in@example.org"]}' },
    });
  });

  test("is kept within the limit, whatever comes with it", async () => {
    verifies("P22.a");
    const hook = await createHook();
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...common, html: "x".repeat(2_000_000), to: "in@example.org" })) {
      form.append(name, value);
    }
    expect((await post(hook, form)).status).toBe(200);
    expect((await rowOf(hook)).resolution).toEqual({ ...common, fields: { to: "in@example.org" } });
  });
});
