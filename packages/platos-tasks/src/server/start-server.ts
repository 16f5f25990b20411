import { createServer, type Server } from "node:http";
import { getRequestListener, RequestError } from "@hono/node-server";
import { PlatosError } from "../core/errors.ts";
import { Authenticator } from "./authentication.ts";
import { createApp } from "./create-app.ts";
import { EventFeed } from "./event-feed.ts";
import { problemResponse } from "./problem.ts";
import { type GuardOptions, guardOptions } from "./request-guard.ts";
import { webhookSecrets } from "./hooks/webhook-secrets.ts";
import type { ServerAddress, ServerRuntime } from "./server-context.ts";
import { createWaitLinks } from "./wait-links.ts";

export interface StartServerOptions {
  readonly runtime: ServerRuntime;
  readonly config: ServerAddress & { readonly webhookSecrets: ReadonlyMap<string, string> };
  readonly dashboardDir: string | null;
}

export interface RunningServer {
  /** Where people reach it: the public address if one is configured. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, ends the streams, lets the rest finish. */
  close(): Promise<void>;
}

const drainMs = 3000;

export async function startServer({ runtime, config, dashboardDir }: StartServerOptions): Promise<RunningServer> {
  const { operations } = runtime;
  // The port is known once it listens; before that nothing is answered.
  let listening: { readonly guard: GuardOptions; readonly url: string } | null = null;
  const links = createWaitLinks({ operations, serverUrl: () => listening?.url ?? "" });
  const feed = new EventFeed({ ...runtime, links });
  const app = createApp({
    context: {
      runtime,
      address: config,
      feed,
      links,
      webhookSecrets: webhookSecrets(config.webhookSecrets),
      authenticator: new Authenticator(operations),
    },
    guard: () => listening?.guard ?? { hosts: new Set(), origins: new Set() },
    dashboardDir,
  });
  const errorHandler = (error: unknown): Response => unanswerable(error, operations.identity.newSecret(9), runtime.log);
  const listener = getRequestListener(app.fetch, { errorHandler });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  const port = await listen(server, config);
  const url = config.publicUrl ?? `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`;
  listening = { guard: guardOptions({ host: config.host, port, publicUrl: config.publicUrl }), url };
  return {
    url,
    port,
    async close() {
      await feed.close();
      await closeServer(server);
    },
  };
}

/** What never becomes a request, for want of an address: a `Host` that is none, or none at all. */
function unanswerable(error: unknown, traceId: string, log: ServerRuntime["log"]): Response {
  const request = { path: "/", traceId };
  if (!(error instanceof RequestError)) {
    log.error("a request failed", { ...request, error: String(error) });
    return problemResponse(error, request);
  }
  const message = "The request's address or its Host header is not well-formed. Correct it and send it again.";
  return problemResponse(new PlatosError("request.malformed", message), request);
}

async function listen(server: Server, { host, port }: ServerAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? portTaken(port) : error);
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function portTaken(port: number): PlatosError {
  return new PlatosError(
    "input.invalid",
    `Port ${port} is taken by another program. Stop that one, or set PORT to another port.`,
    {
      issues: [{ path: "PORT", message: "taken" }],
    },
  );
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
