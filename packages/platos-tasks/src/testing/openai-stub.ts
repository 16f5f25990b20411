import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Json } from "../core/json.ts";
import {
  finishReasonOf,
  readStubRequest,
  wireCalls,
  wireUsage,
  type StubReply,
  type StubRequest,
} from "./openai-stub-wire.ts";

export type { StubFault, StubReply, StubRequest, StubToolCall } from "./openai-stub-wire.ts";

/** Decides what the stub answers. Whatever it throws becomes a 400 with its message. */
export type StubReplyFunction = (request: StubRequest) => StubReply | Promise<StubReply>;

export interface OpenAiStubOptions {
  readonly reply: StubReplyFunction;
  /** A free one when absent. */
  readonly port?: number;
  /** False keeps no requests, for long measurements. */
  readonly record?: boolean;
  /** The client went away before it had the whole answer. */
  readonly onGone?: (request: StubRequest) => void;
}

export interface OpenAiStub {
  /** For `OPENAI_COMPATIBLE_BASE_URL`: ends in `/v1`. */
  readonly baseUrl: string;
  readonly port: number;
  readonly requests: readonly StubRequest[];
  /** Resolves once this many requests have come in all. */
  received(count: number): Promise<void>;
  /** Ends every connection, whatever is answered on it, as a server does that starts anew. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that speaks OpenAI chat completions, whole and streamed, and can misbehave. */
export async function startOpenAiStub(options: OpenAiStubOptions): Promise<OpenAiStub> {
  const requests: StubRequest[] = [];
  let count = 0;
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const accept = (request: StubRequest): void => {
    count += 1;
    if (options.record !== false) requests.push(request);
    for (const waiter of waiting) if (waiter.count <= count) waiter.resolve();
    waiting = waiting.filter((waiter) => waiter.count > count);
  };
  const server = createServer((incoming, outgoing) => {
    const watch = (request: StubRequest): void => {
      accept(request);
      outgoing.once("close", () => {
        if (!outgoing.writableFinished) options.onGone?.(request);
      });
    };
    serve({ incoming, outgoing, reply: options.reply, accept: watch, index: () => count }).catch((error: unknown) => {
      if (outgoing.headersSent) outgoing.destroy();
      else sendError(outgoing, 400, { message: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    received: (wanted) =>
      count >= wanted ? Promise.resolve() : new Promise((resolve) => waiting.push({ count: wanted, resolve })),
    dropConnections: () => server.closeAllConnections(),
    close: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly reply: StubReplyFunction;
  readonly accept: (request: StubRequest) => void;
  readonly index: () => number;
}

async function serve(exchange: Exchange): Promise<void> {
  const { incoming, outgoing } = exchange;
  const path = (incoming.url ?? "").split("?", 1)[0];
  if (incoming.method === "GET" && path === "/v1/models") {
    sendJson(outgoing, 200, { object: "list", data: [{ id: "stub", object: "model", owned_by: "stub" }] });
    return;
  }
  if (incoming.method !== "POST" || path !== "/v1/chat/completions") {
    sendError(outgoing, 404, { message: `The stub has no ${incoming.method} ${path}.` });
    return;
  }
  const request = readStubRequest(await readBody(incoming), exchange.index(), incoming.headers);
  exchange.accept(request);
  const reply = await exchange.reply(request);
  if (reply.delayMs !== undefined) await delay(reply.delayMs);
  await answer(outgoing, request, reply);
}

async function answer(outgoing: ServerResponse, request: StubRequest, reply: StubReply): Promise<void> {
  const { fault } = reply;
  if (fault === "hang") return;
  if (fault === "reset") {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  if (fault === "not_json") {
    outgoing.writeHead(200, { "content-type": "text/html" }).end("<html><body>a proxy's page</body></html>");
    return;
  }
  if (fault !== undefined && /^\d+$/u.test(fault)) {
    sendStatus(outgoing, Number(fault), reply);
    return;
  }
  if (request.stream) await sendStream(outgoing, request, reply);
  else sendWhole(outgoing, request, reply);
}

function sendStatus(outgoing: ServerResponse, status: number, reply: StubReply): void {
  if (reply.retryAfter !== undefined) outgoing.setHeader("retry-after", reply.retryAfter);
  if (reply.retryAfterMs !== undefined) outgoing.setHeader("retry-after-ms", String(reply.retryAfterMs));
  sendError(outgoing, status, {
    message: reply.errorMessage ?? `the stub answers ${status}`,
    ...(reply.errorCode === undefined ? {} : { code: reply.errorCode }),
  });
}

function sendWhole(outgoing: ServerResponse, request: StubRequest, reply: StubReply): void {
  if (reply.fault === "mid_stream_error") {
    sendJson(outgoing, 200, { error: { message: "Overloaded", type: "overloaded_error", code: "overloaded" } });
    return;
  }
  const calls = wireCalls(reply, request).map((call) => ({ ...call, type: "function" }));
  const body = JSON.stringify({
    ...envelope(request),
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: reply.text ?? null,
          ...(reply.reasoning === undefined ? {} : { reasoning_content: reply.reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        finish_reason: reply.fault === "cut" ? null : finishReasonOf(reply),
      },
    ],
    usage: wireUsage(reply, request),
  });
  outgoing.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  if (reply.fault === "torn" || reply.fault === "stall") {
    outgoing.write(body.slice(0, 20), () => {
      if (reply.fault === "torn") outgoing.socket?.resetAndDestroy();
    });
    return;
  }
  outgoing.end(body);
}

async function sendStream(outgoing: ServerResponse, request: StubRequest, reply: StubReply): Promise<void> {
  outgoing.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const send = (chunk: Json): void => {
    outgoing.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const sendDelta = (delta: Json, finishReason: string | null = null): void => {
    const choices = [{ index: 0, delta, finish_reason: finishReason }];
    send({ ...envelope(request), object: "chat.completion.chunk", choices });
  };
  const deltas = deltasOf(request, reply);
  // A fault in the middle lets half of the answer out, and at least its first piece.
  const stopAt = isMidway(reply) ? Math.max(1, Math.ceil(deltas.length / 2)) : deltas.length;
  for (const delta of deltas.slice(0, stopAt)) {
    // Nobody is there to hear the rest.
    if (outgoing.destroyed) return;
    sendDelta(delta);
    if (reply.pieceDelayMs !== undefined) await delay(reply.pieceDelayMs);
  }
  if (reply.fault === "stall") return;
  if (reply.fault === "torn") {
    outgoing.write(": \n\n", () => outgoing.socket?.resetAndDestroy());
    return;
  }
  if (reply.fault === "mid_stream_error") {
    send({ error: { message: "Overloaded", type: "overloaded_error", code: "overloaded" } });
  } else if (reply.fault !== "cut") {
    sendDelta({}, finishReasonOf(reply));
    send({ ...envelope(request), object: "chat.completion.chunk", choices: [], usage: wireUsage(reply, request) });
    outgoing.write("data: [DONE]\n\n");
  }
  outgoing.end();
}

function isMidway(reply: StubReply): boolean {
  return ["stall", "torn", "mid_stream_error", "cut"].includes(reply.fault ?? "");
}

function deltasOf(request: StubRequest, reply: StubReply): Json[] {
  const deltas: Json[] = [{ role: "assistant", content: "" }];
  if (reply.reasoning !== undefined) deltas.push({ reasoning_content: reply.reasoning });
  const size = reply.pieceChars ?? 24;
  const text = reply.text ?? "";
  for (let start = 0; start < text.length; start += size) deltas.push({ content: text.slice(start, start + size) });
  for (const [index, call] of wireCalls(reply, request).entries()) {
    const { name, arguments: args } = call.function;
    const middle = Math.ceil(args.length / 2);
    deltas.push({
      tool_calls: [{ index, id: call.id, type: "function", function: { name, arguments: args.slice(0, middle) } }],
    });
    deltas.push({ tool_calls: [{ index, function: { arguments: args.slice(middle) } }] });
  }
  return deltas;
}

function envelope(request: StubRequest): { id: string; created: number; model: string } {
  return { id: `chatcmpl-${request.index}`, created: 1_700_000_000, model: request.model };
}

function sendError(outgoing: ServerResponse, status: number, error: { message: string; code?: string }): void {
  if (outgoing.headersSent) outgoing.destroy();
  else sendJson(outgoing, status, { error: { type: "stub_error", ...error } });
}

function sendJson(outgoing: ServerResponse, status: number, body: Json): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}
