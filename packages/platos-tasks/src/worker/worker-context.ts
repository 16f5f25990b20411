import type { Clock } from "../core/ports/clock.ts";
import type { LivePort } from "../core/ports/live.ts";
import type { Log } from "../core/ports/log.ts";
import type { ModelPort } from "../core/ports/model.ts";
import type { Tool } from "../core/tool.ts";
import type { OperationContext } from "../operations/context.ts";
import type { SuspectLine } from "./suspect-line.ts";

/** What a worker is given by whoever composes it. */
export interface WorkerContext {
  readonly operations: OperationContext;
  readonly model: ModelPort;
  /** The built-in tools, of which every agent and BGO is granted some. */
  readonly tools: readonly Tool[];
  readonly live: LivePort;
  readonly clock: Clock;
  readonly log: Log;
  readonly suspects: SuspectLine;
}
