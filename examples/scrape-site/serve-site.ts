import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const root = new URL("./site/", import.meta.url);

export interface ServedSite {
  readonly url: string;
  /** Paths in the order in which they were asked for. */
  readonly requested: readonly string[];
  stop(): Promise<void>;
}

/** The small site of this example on a loopback port. */
export async function serveSite(): Promise<ServedSite> {
  const requested: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    requested.push(pathname);
    readFile(new URL(pathname === "/" ? "index.html" : `.${pathname}`, root)).then(
      (page) => response.setHeader("content-type", "text/html; charset=utf-8").end(page),
      () => response.writeHead(404).end("not found"),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    requested,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
