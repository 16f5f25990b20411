import type { Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ToolContext } from "../core/tool.ts";
import { toolInputJsonSchema, validateToolInput } from "../core/tool.ts";
import type { Egress } from "../egress/egress.ts";
import type { FetchUrl } from "./fetch-url.ts";
import { createFetchUrlTool } from "./fetch-url.ts";

const paragraph = "The ferry leaves the harbour every day at seven, and those who miss it wait for the next morning. ";
const pages: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/page": (response) =>
    response
      .setHeader("content-type", "text/html; charset=utf-8")
      .end(
        `<title>Ferry</title><body><article><h1>Ferry</h1><p>${paragraph.repeat(5)}<a href="/next">Next</a></p></article>`,
      ),
  "/latin1": (response) =>
    response.setHeader("content-type", "text/html; charset=iso-8859-1").end(Buffer.from("<p>Grüße", "latin1")),
  "/json": (response) => response.setHeader("content-type", "application/problem+json").end('{"ok":true}'),
  "/csv": (response) => response.setHeader("content-type", "text/csv").end("a,b\n1,2\n"),
  "/png": (response) => response.setHeader("content-type", "image/png").end(Buffer.alloc(2_345)),
  "/untyped": (response) => response.end("<!doctype html><title>Untyped</title><p>Hello"),
  "/mistyped": (response) => response.setHeader("content-type", "html").end("<html><p>Hello"),
  "/typed-empty": (response) => response.setHeader("content-type", "").end("<!doctype html><p>Hello"),
  "/typed-twice": (response) =>
    response.writeHead(200, ["content-type", "text/html", "content-type", "text/html; charset=utf-8"]).end("<p>Hello"),
  "/binary": (response) => response.end(Buffer.from([1, 0, 2])),
  "/missing": (response) => response.writeHead(404, { "content-type": "text/plain" }).end("no such page"),
  "/empty": (response) => response.writeHead(204).end(),
  "/huge": (response) =>
    response
      .setHeader("content-type", "text/html")
      .end(`<body><p>${"x".repeat(1_999_900)}</p><p>${"y".repeat(500_000)}`),
};

let server: Server;
let origin = "";

beforeAll(async () => {
  server = createServer((request, response) => pages[request.url ?? ""]?.(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const permissiveFetch: FetchUrl = async ({ url, headers, signal }) => {
  const response = await fetch(url, { headers, signal });
  return {
    url: response.url,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  };
};

const context: ToolContext = {
  scope: { orgId: "org_1", projectId: "prj_1", envId: "env_1" },
  threadId: "thr_1",
  bgoId: "bgo_1",
  callKey: "bgo_1:0:0",
  signal: new AbortController().signal,
};

async function run(path: string, more: object = {}): Promise<unknown> {
  const tool = createFetchUrlTool({ fetch: permissiveFetch });
  return await tool.run(await validateToolInput(tool, { url: `${origin}${path}`, ...more }), context);
}

describe("fetch_url", () => {
  it("gives a page's title, text and links", async () => {
    expect(await run("/page")).toEqual({
      url: `${origin}/page`,
      status: 200,
      title: "Ferry",
      text: expect.stringContaining("The ferry leaves the harbour"),
      links: [{ text: "Next", url: `${origin}/next` }],
      truncated: false,
    });
  });

  it.each([
    ["/latin1", "Grüße"],
    ["/json", '{"ok":true}'],
    ["/csv", "a,b\n1,2\n"],
    ["/png", "A file of type image/png, 2345 bytes. It has no text that could be shown here."],
    ["/untyped", "Hello"],
    ["/mistyped", "Hello"],
    ["/typed-empty", "Hello"],
    ["/typed-twice", "Hello"],
    ["/binary", "A file of type application/octet-stream, 3 bytes. It has no text that could be shown here."],
  ])("reads %s", async (path, text) => {
    expect(await run(path)).toMatchObject({ status: 200, text, truncated: false });
  });

  it("gives other statuses as results", async () => {
    expect(await run("/missing")).toMatchObject({ status: 404, text: "no such page", links: [] });
    expect(await run("/empty")).toMatchObject({ status: 204, text: "" });
  });

  it("cuts long text off and says so", async () => {
    const result = await run("/page", { maxChars: 100 });
    expect(result).toMatchObject({ truncated: true });
    expect((result as { text: string }).text).toHaveLength(100);
  });

  it("parses no more than the first two megabytes", async () => {
    const result = (await run("/huge", { maxChars: 80_000 })) as { text: string; truncated: boolean };
    expect(result.truncated).toBe(true);
    expect(result.text).not.toContain("y");
  });

  it("describes its arguments and refuses others", async () => {
    const tool = createFetchUrlTool({ fetch: permissiveFetch });
    expect(tool.effect).toBe("pure");
    expect(toolInputJsonSchema(tool)).toMatchObject({
      type: "object",
      properties: { url: { type: "string" }, maxChars: { type: "integer", default: 20_000 } },
      required: ["url"],
    });
    await expect(validateToolInput(tool, { url: 5 })).rejects.toMatchObject({ code: "input.invalid" });
  });

  it("passes on what the guarded way out refuses", async () => {
    const refusal = new Error("refused");
    const tool = createFetchUrlTool({ fetch: async () => Promise.reject(refusal) });
    await expect(tool.run(await validateToolInput(tool, { url: "http://10.0.0.1/" }), context)).rejects.toBe(refusal);
  });

  it("takes the guarded way out as it is", () => {
    const asFetchUrl =
      (egress: Egress): FetchUrl =>
      async (request) =>
        egress.fetch(request);
    expect(asFetchUrl).toBeTypeOf("function");
  });
});
