import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { verifies } from "../../../../../spec/verifies.ts";
import type { JsonObject } from "../../core/json.ts";
import { waitLimits } from "../../core/waitpoint.ts";
import { useRuntime } from "../../testing/runtime-fixture.ts";
import { createBarrier } from "../../testing/gate.ts";
import {
  createTestTenantWithKey,
  startTestServer,
  type TestServer,
  type TestTenant,
} from "../../testing/test-server.ts";

const fixture = useRuntime();
let server: TestServer;
let tenant: TestTenant;
let now = new Date();

beforeAll(async () => {
  const clock = { ...fixture.runtime.clock, now: () => now };
  server = await startTestServer({ ...fixture.runtime, operations: { ...fixture.operations, clock } });
  tenant = await createTestTenantWithKey(fixture.runtime, server);
});

afterAll(() => server.close());

// All tests come from one address: each begins with what it may ask in a minute.
beforeEach(() => letMinutePass());

function letMinutePass(): void {
  now = new Date(now.getTime() + 60_000);
}

interface Token {
  readonly id: string;
  readonly path: string;
}

async function createToken(body: object = {}): Promise<Token> {
  const { body: made } = await tenant.call("POST", "/api/v1/waitpoints", body);
  return { id: String(made["id"]), path: new URL(String(made["publicUrl"])).pathname };
}

const rowOf = async ({ id }: Token) => fixture.operations.store.autocommit.waitpoints.find(tenant.scope, id);

interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

async function pageOf(response: Promise<Response>): Promise<Page> {
  const { status, headers } = await response;
  return { status, headers, html: await (await response).text() };
}

const show = (
  { path }: { readonly path: string },
  method = "GET",
  headers: Record<string, string> = {},
): Promise<Page> => pageOf(fetch(server.url + path, { method, headers }));

const send = (
  { path }: { readonly path: string },
  fields: Readonly<Record<string, string | readonly string[]>>,
  headers: Record<string, string> = {},
): Promise<Page> => {
  const body = new URLSearchParams();
  for (const [name, texts] of Object.entries(fields)) for (const text of [texts].flat()) body.append(name, text);
  return pageOf(fetch(server.url + path, { method: "POST", body, headers }));
};

describe("the page behind a link", () => {
  test("shows what is asked and a form of its schema, and takes the answer", async () => {
    verifies("P21.a");
    const schema = {
      type: "object",
      properties: {
        approved: { type: "boolean", title: "Do you approve?" },
        amount: { type: "number", description: "in euros" },
        count: { type: "integer" },
        colour: { enum: ["red", "green", 3] },
        sizes: { type: "array", items: { enum: ["S", "M", "L"] } },
        names: { type: "array", items: { type: "string" } },
        mail: { type: "string", format: "email" },
        note: { type: "string" },
        extra: { type: "object", properties: { deep: { type: "boolean" } } },
      },
      required: ["approved", "amount"],
    };
    const token = await createToken({ question: "May I order?", schema });
    const page = await show(token);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    for (const part of ["May I order?", 'lang="en"', "Do you approve?", "in euros", 'name="extra"', 'type="email"']) {
      expect(page.html).toContain(part);
    }
    const answer = {
      approved: "true",
      amount: " 12.5 ",
      count: "3",
      colour: "3",
      sizes: ["S", "L"],
      names: "Ann\r\nBob\r\n",
      mail: "",
      note: "one\r\ntwo",
      extra: '{"deep": true}',
      foreign: "ignored",
    };
    const taken = await send(token, answer);
    expect(taken.status).toBe(200);
    expect(taken.html).toContain("Thank you");
    expect(await rowOf(token)).toMatchObject({ status: "completed", resolvedBy: { type: "link", id: null } });
    expect((await rowOf(token))?.resolution).toEqual({
      approved: true,
      amount: 12.5,
      count: 3,
      colour: 3,
      sizes: ["S", "L"],
      names: ["Ann", "Bob"],
      note: "one\ntwo",
      extra: { deep: true },
    });
  });

  test("asks for one text when there is no schema, and for one value when it is no object", async () => {
    verifies("P21.a");
    const plain = await createToken({ question: "Well?" });
    expect((await show(plain)).html).toMatch(/<textarea[^>]+name="value"/u);
    await send(plain, { value: "so so" });
    expect((await rowOf(plain))?.resolution).toBe("so so");
    const yesNo = await createToken({ schema: { type: "boolean" } });
    await send(yesNo, { value: "no" });
    expect((await rowOf(yesNo))?.resolution).toBe(false);
  });

  test.each([
    ["wrapped, as for the API", { value: { n: 1 } }],
    ["as it is", { n: 1 }],
  ])("takes JSON as well, %s", async (_what, body) => {
    verifies("P21.a");
    const token = await createToken({ schema: { type: "object", properties: { n: { type: "integer" } } } });
    const headers = { "content-type": "application/json" };
    const sent = await fetch(server.url + token.path, { method: "POST", headers, body: JSON.stringify(body) });
    expect(sent.status).toBe(200);
    expect(await sent.json()).toEqual({ status: "completed" });
    expect((await rowOf(token))?.resolution).toEqual({ n: 1 });
  });

  test("changes nothing when it is looked at, by whomever and however", async () => {
    verifies("S10", "P21.a");
    const token = await createToken({ schema: { type: "boolean" } });
    const looks: [method: string, headers: Record<string, string>][] = [
      ["GET", {}],
      ["HEAD", {}],
      ["GET", { "sec-purpose": "prefetch;prerender", purpose: "prefetch" }],
      ["GET", { "user-agent": "link-scanner" }],
      ["OPTIONS", {}],
      ["PUT", {}],
      ["DELETE", {}],
    ];
    for (const [method, headers] of looks) {
      await show({ path: `${token.path}?value=true` }, method, headers);
      expect(await rowOf(token), method).toMatchObject({ status: "open", resolution: null });
    }
    expect((await send(token, { value: "true" })).status).toBe(200);
  });

  test("runs no script, is in no frame, cache or index, and tells nobody its address", async () => {
    verifies("S10");
    const { headers, html } = await show(await createToken());
    const style = /<style>([^]*)<\/style>/u.exec(html)?.[1] ?? "";
    const policy = headers.get("content-security-policy") ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(policy).toContain(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'self'`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("script-src");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-robots-tag")).toContain("noindex");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("is posted to from itself, whose origin browsers hide, and a session plays no part", async () => {
    verifies("S04");
    const token = await createToken();
    const taken = await send(token, { value: "x" }, { origin: "null", cookie: "platos_session=whatever-it-is" });
    expect(taken.status).toBe(200);
    expect(taken.headers.get("set-cookie")).toBeNull();
  });

  test("shows hostile questions, schemas and values as text", async () => {
    verifies("S10");
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;
    const schema = {
      type: "object",
      properties: {
        [evil]: { type: "string", title: evil, description: evil, default: `</textarea>${evil}` },
        choice: { enum: [evil], default: evil },
        ["__proto__"]: { type: "integer" },
      },
      required: [evil],
    };
    const token = await createToken({
      question: `</title></p>${evil}`,
      schema: JSON.parse(JSON.stringify(schema)) as JsonObject,
    });
    const shown = await show(token);
    const refused = await send(token, { [evil]: evil, choice: `${evil}!`, ["__proto__"]: evil });
    expect(refused.status).toBe(422);
    for (const { html } of [shown, refused]) {
      expect(html).not.toMatch(/<script|<img|onerror='/u);
      expect(html).toContain("&lt;script&gt;");
      expect(html.match(/<textarea/gu)?.length).toBe(html.match(/<\/textarea>/gu)?.length);
    }
  });
});

describe("an answer that is refused", () => {
  test("keeps what was typed, says what is wrong at its field, and the wait stays open", async () => {
    verifies("P21");
    const schema = {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer", minimum: 18 }, why: { type: "string" } },
      required: ["name", "age"],
    };
    const token = await createToken({ schema });
    const missing = await send(token, { age: "old", why: "because" });
    expect(missing.status).toBe(422);
    expect(missing.html).toContain("This is needed.");
    expect(missing.html).toContain("This must be a number");
    expect(missing.html).toMatch(
      /id="field-0"[^>]+aria-describedby="field-0-error[^>]+aria-invalid="true"\s+autofocus/u,
    );
    expect(missing.html).toContain('<a href="#field-1">age</a>');
    expect(missing.html).toContain('value="old"');
    expect(missing.html).toContain("because</textarea>");
    const young = await send(token, { name: "Ann", age: "3" });
    expect(young.status).toBe(422);
    expect(young.html).toMatch(/id="field-1-error">[^<]*18/u);
    expect(await rowOf(token)).toMatchObject({ status: "open" });
    expect((await send(token, { name: "Ann", age: "30" })).status).toBe(200);
  });

  test("because nothing is behind the link is a 404 page", async () => {
    verifies("S10");
    for (const path of [`/w/${"a".repeat(43)}`, "/w/x", "/w/", "/w/a/b"]) {
      expect(await show({ path }), path).toMatchObject({ status: 404, html: expect.stringContaining("Nothing here") });
    }
    expect((await send({ path: `/w/${"a".repeat(43)}` }, { value: "1" })).status).toBe(404);
  });

  test("because only a signed webhook may answer is a 404 page", async () => {
    verifies("S10");
    const { operations } = fixture;
    const token = await createToken();
    await fixture.database.query("update platos.waitpoints set signature = $2 where id = $1", [
      token.id,
      { secret: "shop" },
    ]);
    expect((await send(token, { value: "forged" })).status).toBe(404);
    expect(await operations.store.autocommit.waitpoints.find(tenant.scope, token.id)).toMatchObject({ status: "open" });
  });

  test("because it came again, or another one came first, is a 409 page that says so", async () => {
    verifies("P21.b", "S10");
    const token = await createToken();
    await send(token, { value: "first" });
    expect(await send(token, { value: "first" })).toMatchObject({
      status: 409,
      html: expect.stringContaining("with the same answer"),
    });
    const other = await send(token, { value: "second" });
    expect(other).toMatchObject({ status: 409, html: expect.stringContaining("with another answer") });
    expect(other.html).not.toContain("first");
    expect(await show(token)).toMatchObject({ status: 409, html: expect.stringContaining("was answered before") });
    expect((await rowOf(token))?.resolution).toBe("first");
  });

  test("because its time is over is a 410 page, also before anybody has looked", async () => {
    verifies("P21.b", "S10");
    const token = await createToken();
    await fixture.database.query("update platos.waitpoints set due_at = now() - interval '1 second' where id = $1", [
      token.id,
    ]);
    expect(await show(token)).toMatchObject({
      status: 410,
      html: expect.stringContaining("The time for this was over"),
    });
    expect((await send(token, { value: "late" })).status).toBe(410);
    expect(await rowOf(token)).toMatchObject({ resolution: null });
  });

  test("because of its size is a 413 page, because of its type a 415, and the wait stays open", async () => {
    verifies("P21");
    const token = await createToken();
    expect(await send(token, { value: "x".repeat(waitLimits.valueBytes) })).toMatchObject({
      status: 413,
      html: expect.stringContaining("<h1>"),
    });
    const plain = await fetch(server.url + token.path, { method: "POST", body: "hello" });
    expect(plain.status).toBe(415);
    const broken = { method: "POST", body: "{", headers: { "content-type": "application/json" } };
    const problem = await fetch(server.url + token.path, broken);
    expect(problem.status).toBe(400);
    expect(problem.headers.get("content-type")).toBe("application/problem+json");
    expect(await problem.text()).not.toContain(token.path.slice("/w/".length));
    expect(await rowOf(token)).toMatchObject({ status: "open" });
  });
});

test("guesses are limited per address; a minute later one may try again", async () => {
  verifies("S10");
  const guess = () => show({ path: `/w/${"b".repeat(43)}` });
  const seen = await Promise.all(Array.from({ length: 60 }, guess));
  expect(seen.filter(({ status }) => status === 404)).toHaveLength(30);
  const refused = seen.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(30);
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused[0]?.html).toContain("Too many requests");
  const token = await createToken();
  expect((await show(token)).status).toBe(429);
  letMinutePass();
  expect((await show(token)).status).toBe(200);
});

test("the requests to one link are limited as well", async () => {
  verifies("S10");
  const token = await createToken();
  const seen: number[] = [];
  for (let count = 0; count < 61; count += 1) seen.push((await show(token, "HEAD")).status);
  expect(seen.filter((status) => status === 200)).toHaveLength(60);
  expect(seen.at(-1)).toBe(429);
});

test("of the page, a webhook and the API, all at once, one wins and the others are told", async () => {
  verifies("P21.a", "P21.b", "S10");
  for (let round = 0; round < 5; round += 1) {
    const token = await createToken();
    const barrier = createBarrier(6);
    const hook = token.path.replace("/w/", "/hooks/");
    const headers = { "content-type": "application/json" };
    const doors: (() => Promise<number>)[] = [0, 1].flatMap((turn) => [
      async () => (await send(token, { value: `page ${turn}` })).status,
      async () => (await fetch(server.url + hook, { method: "POST", headers, body: `"hook ${turn}"` })).status,
      async () =>
        (await tenant.call("POST", `/api/v1/waitpoints/${token.id}/complete`, { value: `api ${turn}` })).status,
    ]);
    const statuses = await Promise.all(
      doors.map(async (door) => {
        await barrier();
        return door();
      }),
    );
    expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 409, 409, 409, 409, 409]);
  }
});
