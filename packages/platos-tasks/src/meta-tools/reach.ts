import type { BgoRow } from "../core/ports/store.ts";
import { getBgo } from "../operations/get-bgo.ts";
import { bgoNotFound, scheduleNotFound } from "../operations/not-found.ts";
import { getSchedule } from "../operations/schedules/list-schedules.ts";
import type { BoundAgent, BoundReach } from "./bound-agent.ts";

// What an agent reads may make it ask for anything: what it may see and stop is what its own threads hold.

/** The filter of everything that an agent lists. */
export function ownThreads({ caller }: Pick<BoundAgent, "caller">): { readonly agentId: string } {
  if (caller.actor.type !== "agent" || caller.actor.id === null) throw new Error("A meta-tool is called by an agent.");
  return { agentId: caller.actor.id };
}

/**
 * Throws `bgo.not_found` for one that is not there or is another agent's and, told by a sub-agent, for one that it has not
 * spawned.
 */
export async function findBgo(bound: BoundReach, bgoId: string): Promise<BgoRow> {
  const bgo = await getBgo(bound.operations, bound.caller, bgoId);
  const isChild = bound.parentBgoId === undefined || bgo.parentBgoId === bound.parentBgoId;
  if (bgo.agentId !== ownThreads(bound).agentId || !isChild) throw bgoNotFound(bgoId);
  return bgo;
}

/** Throws `schedule.not_found` for one that is not there or is another agent's. */
export async function expectSchedule(bound: BoundAgent, scheduleId: string): Promise<void> {
  const { agentId } = await getSchedule(bound.operations, bound.caller, scheduleId);
  if (agentId !== ownThreads(bound).agentId) throw scheduleNotFound(scheduleId);
}
