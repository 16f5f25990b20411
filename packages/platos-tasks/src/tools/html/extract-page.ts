import { runInWorker, workerEntry } from "../run-in-worker.ts";
import type { ReadPage } from "./read-page.ts";

const timeoutMs = 15_000;
const memoryMb = 384;

/** `readPage` on a thread of its own, ended at its limits: pages are written by anybody, some to hurt their parser. */
export async function extractPage(html: string, page: { url: string; signal: AbortSignal }): Promise<ReadPage> {
  const read = await runInWorker({
    entry: workerEntry("page-worker", import.meta.url),
    input: { html, url: page.url },
    label: "Reading the page",
    advice: "Use another page with the same information.",
    timeoutMs,
    memoryMb,
    signal: page.signal,
  });
  return read as ReadPage;
}
