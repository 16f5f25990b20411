import type { OnComplete } from "../core/bgo.ts";
import type { Budget } from "../core/budget.ts";
import type { Json } from "../core/json.ts";
import type { BgoRow } from "../core/ports/store.ts";

export interface SpawnRequest {
  readonly threadId?: string;
  /** Id or slug; required without a thread, for which a new thread is then made. */
  readonly agent?: string;
  readonly prompt: string;
  /** A subset of the agent's tools; absent: all of them. */
  readonly tools?: readonly string[];
  readonly budget?: Budget;
  readonly label?: string;
  readonly onComplete?: OnComplete;
  /** In the past: runs at once. */
  readonly runAt?: Date;
  /** The caller's own key. Equal calls under it are one BGO; other arguments under it are a conflict. */
  readonly idempotencyKey?: string;
  /** The runtime's key for this very call, when the caller gave none. */
  readonly derivedKey?: string;
  readonly parent?: SpawnParent;
  /** A deprecated name under which the call came; its use is counted. */
  readonly deprecatedAlias?: string;
}

export type SpawnParent =
  | { readonly kind: "turn"; readonly turnId: string; readonly depth: number }
  | { readonly kind: "bgo"; readonly bgo: Pick<BgoRow, "id" | "threadId" | "depth" | "tools" | "budget"> }
  /** A fire of a schedule, for the instant `at`; `isHeld` when it has to wait for the one before it. */
  | {
      readonly kind: "schedule";
      readonly scheduleId: string;
      readonly at: Date;
      readonly depth: number;
      readonly isHeld: boolean;
    };

/** What the caller asked for, without anything generated: equal requests hash equal. */
export function argsOf(request: SpawnRequest): Json {
  return {
    prompt: request.prompt,
    tools: request.tools === undefined ? null : [...request.tools],
    budget: { ...request.budget },
    label: request.label ?? null,
    onComplete: request.onComplete ?? null,
    runAt: request.runAt?.toISOString() ?? null,
  };
}

/** The row of the turn or the BGO that spawns, for counting its children. */
export function parentIds(parent: SpawnParent | undefined): {
  readonly turnId: string | null;
  readonly parentBgoId: string | null;
} {
  return {
    turnId: parent?.kind === "turn" ? parent.turnId : null,
    parentBgoId: parent?.kind === "bgo" ? parent.bgo.id : null,
  };
}

/** 1 from a chat or the API, one more below each BGO, and below a BGO that woke the turn; a schedule has its own. */
export function depthOf(parent: SpawnParent | undefined): number {
  if (parent === undefined) return 1;
  if (parent.kind === "schedule") return parent.depth;
  return (parent.kind === "bgo" ? parent.bgo.depth : parent.depth) + 1;
}
