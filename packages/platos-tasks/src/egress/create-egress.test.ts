import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { verifies } from "../../../../spec/verifies.ts";
import type { EgressOptions } from "./create-egress.ts";
import { createEgress } from "./create-egress.ts";
import type { Egress } from "./egress.ts";

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (thing) => thing.close()));
});

interface Site {
  readonly host: string;
  readonly port: number;
  readonly origin: string;
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage["headers"];
    body: string;
  }[];
}

async function openSite(listener: RequestListener, host = "127.0.0.1", port = 0): Promise<Site> {
  const requests: Site["requests"] = [];
  const server: Server = createServer((request, response) => {
    const seen = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body: "" };
    requests.push(seen);
    request.setEncoding("utf8").on("data", (text: string) => (seen.body += text));
    listener(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ host, port }, resolve);
  });
  opened.push({
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const boundPort = (server.address() as AddressInfo).port;
  const literal = host.includes(":") ? `[${host}]` : host;
  return { host, port: boundPort, origin: `http://${literal}:${boundPort}`, requests };
}

function openEgress(options: EgressOptions): Egress {
  const egress = createEgress(options);
  opened.push(egress);
  return egress;
}

const signal = new AbortController().signal;
const text = new TextDecoder();
const redirectTo =
  (location: string, status = 302) =>
  (_request: unknown, response: ServerResponse): void => {
    response.writeHead(status, { location, "content-length": 0 }).end();
  };

describe("what an operator allows", () => {
  it("reaches a host and port of the allow-list and gives status, headers and body", async () => {
    const site = await openSite((_request, response) =>
      response.writeHead(404, { "Content-Type": "text/plain", "X-Two": ["a", "b"] }).end("gone"),
    );
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`] });
    const answer = await egress.fetch({ url: `${site.origin}/page#part`, signal });
    expect(answer).toMatchObject({
      url: `${site.origin}/page`,
      status: 404,
      headers: { "content-type": "text/plain", "x-two": "a, b" },
    });
    expect(text.decode(answer.body)).toBe("gone");
  });

  it("reaches an allowed network under a name", async () => {
    const site = await openSite((_request, response) => response.end("hello"));
    const egress = openEgress({
      allowPrivateHosts: ["127.0.0.0/8"],
      allowPorts: [site.port],
      lookup: async () => ["127.0.0.1"],
    });
    const answer = await egress.fetch({ url: `http://wiki.corp:${site.port}/`, signal });
    expect(text.decode(answer.body)).toBe("hello");
    expect(site.requests[0]?.headers.host).toBe(`wiki.corp:${site.port}`);
  });

  it("refuses a port that is not open and names the setting", async () => {
    const site = await openSite((_request, response) => response.end());
    const egress = openEgress({ allowPrivateHosts: ["127.0.0.0/8"] });
    await expect(egress.fetch({ url: site.origin, signal })).rejects.toMatchObject({
      code: "egress.refused",
      message: expect.stringContaining(`PLATOS_EGRESS_ALLOW=127.0.0.1:${site.port}`),
    });
    expect(site.requests).toEqual([]);
  });

  it("takes no proxy from the environment", async () => {
    const proxy = await openSite((_request, response) => response.end("proxied"));
    const site = await openSite((_request, response) => response.end("direct"));
    const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "NODE_USE_ENV_PROXY"];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : proxy.origin;
    try {
      const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`] });
      expect(text.decode((await egress.fetch({ url: site.origin, signal })).body)).toBe("direct");
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    expect(proxy.requests).toEqual([]);
  });
});

describe("names that change their answer", () => {
  it("checks each connection's own look-up, so a name that turns private is refused", async () => {
    // ::1 stands for a public address, 127.0.0.1 for a private one.
    const open = await openSite((_request, response) => response.setHeader("connection", "close").end("public"), "::1");
    const canary = await openSite((_request, response) => response.end("secret"), "127.0.0.1", open.port);
    const answers = [["::1"], ["127.0.0.1"], ["::1", "127.0.0.1"], ["::1"]];
    const egress = openEgress({
      allowPrivateHosts: ["::1/128"],
      allowPorts: [open.port],
      lookup: async () => answers.shift() ?? [],
    });
    const url = `http://flipping.example:${open.port}/`;
    expect(text.decode((await egress.fetch({ url, signal })).body)).toBe("public");
    await expect(egress.fetch({ url, signal })).rejects.toMatchObject({ code: "egress.refused" });
    await expect(egress.fetch({ url, signal })).rejects.toMatchObject({ code: "egress.refused" });
    expect(text.decode((await egress.fetch({ url, signal })).body)).toBe("public");
    expect(answers).toEqual([]);
    expect(canary.requests).toEqual([]);
  });

  it("does not tell which inner address a name leads to", async () => {
    const egress = openEgress({ lookup: async () => ["10.20.30.40"] });
    await expect(egress.fetch({ url: "http://inner.example/", signal })).rejects.toMatchObject({
      code: "egress.refused",
      message: expect.not.stringContaining("10.20.30.40"),
    });
  });
});

describe("redirects", () => {
  it("lead where the server wrote, in UTF-8 or percent-encoded", async () => {
    const utf8 = Buffer.from("/пути?q=é").toString("latin1");
    const site = await openSite((request, response) => {
      if (request.url === "/") redirectTo(utf8)(request, response);
      else response.end("there");
    });
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`] });
    const { url } = await egress.fetch({ url: `${site.origin}/`, signal });
    expect(url).toBe(`${site.origin}${encodeURI("/пути?q=é")}`);
  });

  it("follows at most five and reports where they led", async () => {
    const site: Site = await openSite((request, response) => {
      const left = Number((request.url ?? "").slice(1));
      if (left === 0) response.end("arrived");
      else redirectTo(`/${left - 1}`)(request, response);
    });
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`] });
    expect(await egress.fetch({ url: `${site.origin}/5`, signal })).toMatchObject({
      url: `${site.origin}/0`,
      status: 200,
    });
    await expect(egress.fetch({ url: `${site.origin}/6`, signal })).rejects.toMatchObject({
      code: "tool.failed",
      message: expect.stringContaining("more than 5 times"),
    });
  });

  it.each([
    ["a private address", (port: number) => `http://127.0.0.1:${port}/`],
    ["a private address in another spelling", (port: number) => `http://0x7f.1:${port}/`],
    ["an address without scheme", (port: number) => `//127.0.0.1:${port}/`],
    ["a name that leads to one", (port: number) => `http://inner.example:${port}/`],
    ["a file", () => "file:///etc/passwd"],
    ["user information", (port: number) => `http://user:password@127.0.0.1:${port}/`],
  ])("refuses a chain that ends at %s", async (_name, locationOf) => {
    verifies("S06");
    const canary = await openSite((_request, response) => response.end("secret"));
    const last = await openSite(redirectTo(locationOf(canary.port)), "::1");
    const first = await openSite(redirectTo(`${last.origin}/next`, 301), "::1");
    const egress = openEgress({
      allowPrivateHosts: [`[::1]:${first.port}`, `[::1]:${last.port}`],
      allowPorts: [canary.port],
      lookup: async () => ["127.0.0.1"],
    });
    await expect(egress.fetch({ url: first.origin, signal })).rejects.toMatchObject({ code: "egress.refused" });
    expect(last.requests).toHaveLength(1);
    expect(canary.requests).toEqual([]);
  });

  it("gives another origin none of the caller's keys", async () => {
    const stranger = await openSite((_request, response) => response.end("ok"));
    const site = await openSite((request, response) =>
      redirectTo(request.url === "/" ? "/again" : stranger.origin)(request, response),
    );
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`, `127.0.0.1:${stranger.port}`] });
    const headers = { Authorization: "Bearer k", Cookie: "a=b", "X-Api-Key": "k", Accept: "text/html" };
    await egress.fetch({ url: site.origin, headers, signal });
    expect(site.requests[1]?.headers).toMatchObject({ authorization: "Bearer k", cookie: "a=b", "x-api-key": "k" });
    expect(stranger.requests[0]?.headers).toMatchObject({ accept: "text/html" });
    for (const name of ["authorization", "cookie", "x-api-key", "referer"]) {
      expect(stranger.requests[0]?.headers).not.toHaveProperty(name);
    }
  });

  it("repeats a body on the same origin only", async () => {
    const stranger = await openSite((_request, response) => response.end("ok"));
    const site = await openSite((request, response) => {
      if (request.url === "/done") response.end("done");
      else
        redirectTo(request.url === "/same" ? "/done" : stranger.origin, request.url === "/get" ? 303 : 307)(
          request,
          response,
        );
    });
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`, `127.0.0.1:${stranger.port}`] });
    const post = { method: "POST", body: "payload", signal } as const;
    await egress.fetch({ ...post, url: `${site.origin}/same` });
    expect(site.requests.map(({ method, body }) => `${method} ${body}`)).toEqual(["POST payload", "POST payload"]);
    await expect(egress.fetch({ ...post, url: `${site.origin}/other` })).rejects.toMatchObject({ code: "tool.failed" });
    await egress.fetch({ ...post, url: `${site.origin}/get` });
    expect(stranger.requests.map(({ method, body }) => `${method} ${body}`)).toEqual(["GET "]);
  });
});

describe("limits", () => {
  it("stops at the size cap, however small the file was before it unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.byteLength).toBeLessThan(100_000);
    const site = await openSite((request, response) => {
      if (request.url === "/bomb") response.setHeader("content-encoding", "gzip").end(bomb);
      else if (request.url === "/twice") response.setHeader("content-encoding", "gzip, gzip").end(gzipSync(bomb));
      else response.end(Buffer.alloc(1_001));
    });
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`] });
    for (const url of [`${site.origin}/bomb`, `${site.origin}/twice`]) {
      await expect(egress.fetch({ url, signal })).rejects.toMatchObject({
        code: "tool.failed",
        message: expect.stringContaining("larger than 5 MB"),
      });
    }
    await expect(egress.fetch({ url: site.origin, maxBytes: 1_000, signal })).rejects.toMatchObject({
      code: "tool.failed",
    });
    expect((await egress.fetch({ url: site.origin, maxBytes: 1_001, signal })).body.byteLength).toBe(1_001);
  });

  it("unpacks what fits", async () => {
    const site = await openSite((_request, response) =>
      response.setHeader("content-encoding", "gzip").end(gzipSync("hello")),
    );
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`] });
    expect(text.decode((await egress.fetch({ url: site.origin, signal })).body)).toBe("hello");
  });

  it.each([
    ["never answers", () => undefined],
    ["stops in the middle", (response: ServerResponse) => response.write("some of it")],
  ])("gives up on a server that %s", async (_name, answer) => {
    const site = await openSite((_request, response) => {
      answer(response);
    });
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`], timeoutMs: 100 });
    await expect(egress.fetch({ url: site.origin, signal })).rejects.toMatchObject({
      code: "tool.failed",
      retryable: true,
      message: expect.stringContaining("longer than 0.1 s"),
    });
  });

  it("gives up on a name that is never found", async () => {
    const egress = openEgress({ lookup: async () => new Promise(() => undefined), timeoutMs: 50 });
    await expect(egress.fetch({ url: "http://slow.example/", signal })).rejects.toMatchObject({ code: "tool.failed" });
  });

  it("stops when the caller aborts and throws the caller's reason", async () => {
    const reason = new Error("cancelled by the user");
    const controller = new AbortController();
    const site = await openSite((_request, response) => {
      response.write("some of it");
      controller.abort(reason);
    });
    const egress = openEgress({ allowPrivateHosts: [`127.0.0.1:${site.port}`] });
    await expect(egress.fetch({ url: site.origin, signal: controller.signal })).rejects.toBe(reason);
    await expect(egress.fetch({ url: site.origin, signal: controller.signal })).rejects.toBe(reason);
    expect(site.requests).toHaveLength(1);
  });

  it("words network failures without inner addresses", async () => {
    const site = await openSite((_request, response) => response.end());
    await opened.splice(0)[0]?.close();
    const egress = openEgress({
      allowPrivateHosts: ["127.0.0.0/8"],
      allowPorts: [site.port],
      lookup: async (hostname) => (hostname === "gone.example" ? [] : ["127.0.0.1"]),
    });
    await expect(egress.fetch({ url: `http://wiki.corp:${site.port}/`, signal })).rejects.toMatchObject({
      code: "tool.failed",
      retryable: true,
      message: `Could not get http://wiki.corp:${site.port}: it refuses connections (ECONNREFUSED). Try again later or use another source.`,
    });
    await expect(egress.fetch({ url: "http://gone.example/", signal })).rejects.toMatchObject({
      code: "tool.failed",
      retryable: false,
      message: expect.stringContaining("the name does not exist"),
    });
  });
});
