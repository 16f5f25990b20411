import type { BgoRow } from "../core/ports/store.ts";
import { getBgo } from "../operations/get-bgo.ts";
import { bgoNotFound } from "../operations/not-found.ts";
import type { BoundReach } from "./bound-agent.ts";

/** Throws `bgo.not_found` for one that is not there and, told by a sub-agent, for one that it has not spawned. */
export async function findWithinReach(bound: BoundReach, bgoId: string): Promise<BgoRow> {
  const bgo = await getBgo(bound.operations, bound.caller, bgoId);
  if (bound.parentBgoId !== undefined && bgo.parentBgoId !== bound.parentBgoId) throw bgoNotFound(bgoId);
  return bgo;
}
