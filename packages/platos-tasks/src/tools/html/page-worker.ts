import { parentPort, workerData } from "node:worker_threads";
import type { WorkerAnswer } from "../run-in-worker.ts";
import { readPage } from "./read-page.ts";

// The entry of a worker thread: one page in, one answer out.
const { html, url } = workerData as { readonly html: string; readonly url: string };
let answer: WorkerAnswer;
try {
  answer = { ok: true, value: readPage(html, url) };
} catch (error) {
  answer = { ok: false, message: error instanceof Error ? error.message : String(error) };
}
parentPort?.postMessage(answer);
