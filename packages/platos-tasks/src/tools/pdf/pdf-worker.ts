import { EventEmitter } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import type { WorkerAnswer } from "../run-in-worker.ts";
import type { PdfRequest } from "./draw-pdf.ts";
import { drawPdf } from "./draw-pdf.ts";

// The entry of a worker thread: one request in, one answer out.
// pdfmake adds a listener per nested table; the warning about it would tell nobody anything.
EventEmitter.defaultMaxListeners = 0;
try {
  const drawn = await drawPdf(workerData as PdfRequest);
  // A copy of its own, so that the thread's other memory does not travel along.
  const content = new Uint8Array(drawn.content);
  const answer: WorkerAnswer = { ok: true, value: { ...drawn, content } };
  parentPort?.postMessage(answer, [content.buffer]);
} catch (error) {
  const answer: WorkerAnswer = { ok: false, message: error instanceof Error ? error.message : String(error) };
  parentPort?.postMessage(answer);
}
