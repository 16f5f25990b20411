import { expect, test } from "vitest";

import { verifies } from "../../../spec/verifies.ts";
import { PlatosApiError } from "./api-error.ts";
import { createClient } from "./client.ts";

interface Seen {
  readonly url: string;
  readonly init: RequestInit;
}

function fakeFetch(answer: () => Response): { readonly seen: Seen[]; readonly fetch: typeof globalThis.fetch } {
  const seen: Seen[] = [];
  return {
    seen,
    fetch: async (input, init) => {
      seen.push({ url: String(input), init: init ?? {} });
      return answer();
    },
  };
}

test("a key goes as a bearer token and no cookie with it", async () => {
  verifies("P36");
  const { seen, fetch } = fakeFetch(() => Response.json({ items: [], nextCursor: null }));
  const client = createClient({ baseUrl: "http://host:1", apiKey: "pk_1", fetch });
  await client.bgos.list({ status: ["failed", "running"], q: "two words" });
  expect(seen[0]?.url).toBe("http://host:1/api/v1/platos-tasks?status=failed,running&q=two%20words");
  expect(seen[0]?.init).toMatchObject({ credentials: "omit", headers: { authorization: "Bearer pk_1" } });
});

test("without a key the session cookie is used", async () => {
  const { seen, fetch } = fakeFetch(() => Response.json({}));
  await createClient({ baseUrl: "", fetch }).threads.get("thr_1");
  expect(seen[0]?.init.credentials).toBe("same-origin");
  expect(seen[0]?.init.headers).not.toHaveProperty("authorization");
});

test("an idempotency key goes in its header, not in the body", async () => {
  const { seen, fetch } = fakeFetch(() => Response.json({ messageId: "msg_1", turnId: "trn_1" }, { status: 202 }));
  await createClient({ baseUrl: "", fetch }).threads.messages.create("thr_1", { text: "hi", idempotencyKey: "k" });
  expect(seen[0]?.init.headers).toMatchObject({ "idempotency-key": "k", "content-type": "application/json" });
  expect(seen[0]?.init.body).toBe('{"text":"hi"}');
});

test("a refusal is thrown with the server's problem", async () => {
  const problem = {
    type: "about:blank",
    title: "Not found",
    status: 404,
    detail: "No such thread.",
    code: "thread.not_found",
  };
  const { fetch } = fakeFetch(() => Response.json(problem, { status: 404 }));
  const error: unknown = await createClient({ baseUrl: "", fetch })
    .threads.get("thr_1")
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PlatosApiError);
  expect(error).toMatchObject({
    message: "No such thread.",
    status: 404,
    code: "thread.not_found",
    problem: { errors: [] },
  });
});

test("an answer that is no problem document still gives a whole problem", async () => {
  const { fetch } = fakeFetch(() => new Response("<h1>Bad gateway</h1>", { status: 502, statusText: "Bad Gateway" }));
  await expect(createClient({ baseUrl: "", fetch }).agents.list()).rejects.toMatchObject({
    problem: { status: 502, title: "Bad Gateway", code: "http.502", detail: null, errors: [] },
  });
});

test("no answer at all is status 0, an abort stays an abort", async () => {
  const failing = createClient({ baseUrl: "", fetch: () => Promise.reject(new TypeError("fetch failed")) });
  await expect(failing.agents.list()).rejects.toMatchObject({ status: 0, code: "network.unreachable" });
  const signal = AbortSignal.abort();
  const aborted = createClient({ baseUrl: "", fetch: () => Promise.reject(signal.reason) });
  await expect(aborted.agents.list({ signal })).rejects.toMatchObject({ name: "AbortError" });
});

test("a server that is not ready answers so instead of throwing", async () => {
  const { fetch } = fakeFetch(() => Response.json({ ready: false, checks: [] }, { status: 503 }));
  await expect(createClient({ baseUrl: "", fetch }).ready()).resolves.toEqual({ ready: false, checks: [] });
});

test("deleting needs no body in the answer", async () => {
  const { seen, fetch } = fakeFetch(() => new Response(null, { status: 204 }));
  await expect(createClient({ baseUrl: "", fetch }).threads.delete("thr_1")).resolves.toBeUndefined();
  expect(seen[0]?.init.method).toBe("DELETE");
});
