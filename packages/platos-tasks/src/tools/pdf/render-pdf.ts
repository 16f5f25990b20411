import { runInWorker, workerEntry } from "../run-in-worker.ts";
import type { DrawnPdf, PdfRequest } from "./draw-pdf.ts";

export interface RenderPdfOptions {
  readonly title?: string;
  /** `document` unless said otherwise. */
  readonly layout?: PdfRequest["layout"];
  readonly signal: AbortSignal;
  /** 30 s unless said otherwise. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
const memoryMb = 512;

/** Markdown (GFM) to PDF, on a thread of its own. Throws `tool.failed` at its limits, the signal's reason on abort. */
export async function renderPdf(markdown: string, options: RenderPdfOptions): Promise<DrawnPdf> {
  const request: PdfRequest = { markdown, title: options.title ?? null, layout: options.layout ?? "document" };
  const drawn = await runInWorker({
    entry: workerEntry("pdf-worker", import.meta.url),
    input: request,
    label: "Rendering the PDF",
    advice: "Try again with less or simpler content, or split it into several files.",
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    memoryMb,
    signal: options.signal,
  });
  return drawn as DrawnPdf;
}
