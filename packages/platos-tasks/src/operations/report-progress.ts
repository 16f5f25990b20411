import type { Progress } from "../core/bgo.ts";
import type { BgoRow } from "../core/ports/store.ts";
import type { OperationContext } from "./context.ts";
import { superseded } from "./superseded.ts";

export async function reportProgress(ctx: OperationContext, bgo: BgoRow, progress: Progress): Promise<void> {
  if (!(await ctx.store.autocommit.bgos.annotate(bgo, { progress }))) throw superseded();
}
