import { failureView, isStoreFailure, PlatosError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import { defaultToolTimeoutMs, type ToolContext } from "../core/tool.ts";
import type { ToolEnd } from "../core/transcript.ts";
import type { RunnableCall } from "./plan-tool-calls.ts";
import { cappedOutput } from "./tool-output.ts";
import { untilAborted } from "./until-aborted.ts";

export interface RunToolOptions {
  readonly toolContext: Pick<ToolContext, "scope" | "threadId" | "bgoId">;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Runs one call within its time limit. Whatever goes wrong becomes an error that the model is told, except what is not
 * of the tool's making: a lost database or claim is thrown on, and an abort of the loop throws the signal's reason at
 * once, even if the tool does not listen.
 */
export async function runTool(call: RunnableCall, { toolContext, signal, log }: RunToolOptions): Promise<ToolEnd> {
  signal.throwIfAborted();
  const { tool } = call;
  const timeoutMs = tool.timeoutMs ?? defaultToolTimeoutMs;
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => stop.abort(timedOut(tool.name, timeoutMs)), timeoutMs);
  try {
    const running = tool.run(call.input, { ...toolContext, callKey: call.callKey, signal: stop.signal });
    return { output: cappedOutput(await untilAborted(running, stop.signal)) };
  } catch (error) {
    signal.throwIfAborted();
    // A tool that heeds its signal may throw an error of its own making before the time-out is noticed here.
    const cause: unknown = stop.signal.aborted ? stop.signal.reason : error;
    // What became of it is known to the database only: the run is taken up again from there, under the same call key.
    if (isStoreFailure(cause) || (PlatosError.is(cause) && cause.code === "segment.superseded")) throw cause;
    if (!PlatosError.is(cause)) log.error("a tool failed unexpectedly", { tool: tool.name, error: describe(cause) });
    return { error: failureView(cause) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** Message and stack, never the error's own fields: clients keep requests with their keys there. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function timedOut(tool: string, timeoutMs: number): PlatosError {
  return new PlatosError("tool.failed", `${tool} was stopped: it took longer than ${timeoutMs / 1000} seconds.`);
}
