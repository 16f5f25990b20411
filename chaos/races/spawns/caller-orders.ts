import type { Scope } from "../../../packages/platos-tasks/src/core/scope.ts";
import type { SpawnRequest } from "../../../packages/platos-tasks/src/operations/spawn-request.ts";

/** Where a process of callers works, and for whom. */
export interface CallerGround {
  readonly connectionString: string;
  readonly scope: Scope;
  readonly agentId: string;
}

/** The same spawn, to be asked for by several callers at once. */
export interface CallerOrder {
  readonly id: number;
  readonly callers: number;
  /** When they start, in milliseconds of the machine's clock. */
  readonly startAtMs: number;
  readonly spawn: OrderedSpawn;
}

export type OrderedSpawn =
  /** By the operation, under a key of the caller's own. */
  | {
      readonly door: "operation";
      readonly request: Pick<SpawnRequest, "threadId" | "agent" | "prompt" | "idempotencyKey">;
    }
  /** By the agent's tool, as the given step of a turn; each caller's response orders the arguments its own way. */
  | {
      readonly door: "tool";
      readonly turnId: string;
      readonly threadId: string;
      readonly args: Readonly<Record<string, string>>;
    };

export interface CallerAnswer {
  readonly id: number;
  readonly spawned: readonly { readonly bgoId: string; readonly deduplicated: boolean }[];
  /** How often a caller was told to try again, and did. */
  readonly retries: number;
  readonly errors: readonly string[];
}

export const callersAreReady = "ready";
