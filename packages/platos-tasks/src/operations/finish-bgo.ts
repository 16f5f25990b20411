import type { FailureView } from "../core/errors.ts";
import type { Step } from "../core/journal.ts";
import type { Json } from "../core/json.ts";
import type { BgoRow, SqlExecutor } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";
import { endWithDescendants, tellEngine } from "./end-with-descendants.ts";
import { workerActor } from "./worker-actor.ts";

export type BgoResult =
  /** `lastSteps`: what is still to be recorded in its journal. */
  | { readonly status: "completed"; readonly output: Json; readonly lastSteps?: readonly Step[] }
  | { readonly status: "failed"; readonly error: FailureView; readonly output: Json | null };

/** Delivers the result of a BGO that this epoch holds. False: it was cancelled, or taken over; nothing was written. */
export async function finishBgo(
  ctx: OperationContext,
  bgo: BgoRow,
  of: { readonly result: BgoResult; readonly complete: (tx: SqlExecutor) => Promise<void> },
): Promise<boolean> {
  const { result, complete } = of;
  const end = await ctx.store.transaction("deliver", (tx) =>
    endWithDescendants(ctx, tx, {
      bgo,
      scope: bgo.scope,
      to: result.status,
      guard: { epoch: bgo.epoch },
      actor: workerActor,
      reason: result.status === "failed" ? result.error.code : null,
      output: result.output,
      lastSteps: result.status === "completed" ? { epoch: bgo.epoch, steps: result.lastSteps ?? [] } : undefined,
      error: result.status === "failed" ? result.error : null,
      complete,
    }),
  );
  if (end !== null) tellEngine(ctx, end);
  return end !== null;
}
