import type { BgoRow } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { bgoNotFound } from "./not-found.ts";

export async function getBgo(ctx: OperationContext, caller: Caller, bgoId: string): Promise<BgoRow> {
  const bgo = await ctx.store.autocommit.bgos.find(caller.scope, bgoId);
  if (bgo === null) throw bgoNotFound(bgoId);
  return bgo;
}
