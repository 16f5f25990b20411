// The model: a process of its own that speaks OpenAI chat completions. What it answers stands in the model's name
// (see modelFor), so it keeps no state but the moment of each run's first request. Tells its port by IPC.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { callJson, callStream, completionJson, completionStream } from "./stub-answer.ts";
import { waitingCall, type WaitingKind, waitingModel } from "./waiting-work.ts";

const firstCalls = new Map<string, string>();
const waiting = new Map<string, (at: string) => void>();

const server = createServer((request, response) => {
  if (request.method === "GET") void tellFirstCall(request, response);
  else void answer(request, response);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 512, () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once("disconnect", () => process.exit(0));

/** `GET /first-call/<mark>`: when the run's first request came in, on the monotonic clock; waits for it. */
async function tellFirstCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const mark = (request.url ?? "").split("/").at(-1) ?? "";
  const at = firstCalls.get(mark) ?? (await new Promise<string>((resolve) => waiting.set(mark, resolve)));
  firstCalls.delete(mark);
  waiting.delete(mark);
  response.end(at);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const now = process.hrtime.bigint();
  // Counting in the raw text is much cheaper than parsing it, and this process shares the machine with what it measures.
  const body = Buffer.concat(pieces).toString("latin1");
  if (body.includes(`"model":"${waitingModel}"`)) {
    answerWaiting(body, now, response);
    return;
  }
  const [, turns, delayMs, bytes] = /"model":"turns-(\d+)-delay-(\d+)-bytes-(\d+)"/u.exec(body) ?? [];
  const turn = body.split('"role":"assistant"').length - 1;
  if (turn === 0) noteFirstCall(body, now);
  if (Number(delayMs) > 0) await new Promise((resolve) => setTimeout(resolve, Number(delayMs)));
  const reply = { isLast: turn + 1 >= Number(turns), turn, bytes: Number(bytes) };
  if (body.includes('"stream":true')) {
    response.writeHead(200, { "content-type": "text/event-stream" }).end(completionStream(reply));
    return;
  }
  const text = completionJson(reply);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}

/** Its first answer waits for what its prompt names; the moment of its next request is noted under the mark. */
function answerWaiting(body: string, now: bigint, response: ServerResponse): void {
  const isBack = body.includes('"role":"assistant"');
  const kind = /wait for a (reply|token|time)/u.exec(body)?.[1];
  if (isBack) noteFirstCall(body, now);
  const call = isBack || kind === undefined ? null : waitingCall(kind as WaitingKind);
  const text = body.includes('"stream":true') ? callStream(call) : callJson(call);
  const type = body.includes('"stream":true') ? "text/event-stream" : "application/json";
  response.writeHead(200, { "content-type": type }).end(text);
}

function noteFirstCall(body: string, now: bigint): void {
  const mark = /#(\w+)#/u.exec(body)?.[1];
  if (mark === undefined) return;
  const waiter = waiting.get(mark);
  if (waiter === undefined) firstCalls.set(mark, String(now));
  else waiter(String(now));
}
