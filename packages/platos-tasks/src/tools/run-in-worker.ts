import { Worker } from "node:worker_threads";
import { PlatosError } from "../core/errors.ts";

export interface WorkerJob {
  /** The worker's entry; it reads `workerData` and posts one {@link WorkerAnswer}. */
  readonly entry: URL;
  readonly input: unknown;
  /** What the work is, for the error's sentence: "Rendering the PDF". */
  readonly label: string;
  /** What to do when it does not work, as a sentence. */
  readonly advice: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly signal: AbortSignal;
}

export type WorkerAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/** Beside the file that asks, with the extension that this code runs under: `.ts` from source, `.js` when built. */
export function workerEntry(name: string, besides: string): URL {
  return new URL(`./${name}${besides.endsWith(".ts") ? ".ts" : ".js"}`, besides);
}

const maxParallel = 4;
const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs work that would hold up the event loop (and with it heartbeats) on a thread of its own, without environment
 * variables, ended at its limits. At most four run at once, the others wait in line. Throws `tool.failed`, or the
 * signal's reason when the caller aborts.
 */
export async function runInWorker(job: WorkerJob): Promise<unknown> {
  job.signal.throwIfAborted();
  if (running >= maxParallel) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    job.signal.throwIfAborted();
    return await runNow(job);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

async function runNow(job: WorkerJob): Promise<unknown> {
  const worker = new Worker(job.entry, {
    workerData: job.input,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: job.memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const timer = setTimeout(() => reject(failure(job, `took longer than ${job.timeoutMs / 1000} s`)), job.timeoutMs);
  const abort = (): void => reject(job.signal.reason);
  job.signal.addEventListener("abort", abort, { once: true });
  worker.once("message", (answer: WorkerAnswer) => {
    if (answer.ok) resolve(answer.value);
    else reject(failure(job, `failed: ${answer.message}`));
  });
  worker.once("error", (error) => {
    const outOfMemory = "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    reject(failure(job, outOfMemory ? `needed more than ${job.memoryMb} MB of memory` : "failed", error));
  });
  worker.once("exit", () => reject(failure(job, "ended without a result")));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    job.signal.removeEventListener("abort", abort);
    await worker.terminate();
  }
}

function failure(job: WorkerJob, what: string, cause?: unknown): PlatosError {
  return new PlatosError("tool.failed", `${job.label} ${what}. ${job.advice}`, { cause });
}
