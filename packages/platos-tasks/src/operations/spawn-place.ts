import type { Agent } from "../core/agent.ts";
import { PlatosError } from "../core/errors.ts";
import type { BgoKey, BgoRow, CapCounts, Tx } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { agentNotFound, threadNotFound } from "./not-found.ts";
import { parentIds, type SpawnRequest } from "./spawn-request.ts";
import { refuseBeyondCaps, refuseForeignAgent, refuseOtherAgent } from "./spawn-rules.ts";

/** Where a BGO will live and under which key. */
export interface SpawnPlace {
  readonly agent: Agent;
  readonly threadId: string;
  readonly isNewThread: boolean;
  readonly key: BgoKey;
}

export interface PlaceSearch {
  readonly ctx: OperationContext;
  readonly caller: Caller;
  readonly request: SpawnRequest;
  /** The key that an explicit one is in the given scope, or the derived one. */
  readonly keyIn: (explicitScope: string) => BgoKey;
}

/** The place, or the BGO that the key has made already: it is looked for before a thread is made and caps are counted. */
export async function placeSpawn(tx: Tx, search: PlaceSearch): Promise<SpawnPlace | { readonly holder: BgoRow }> {
  const { threadId } = search.request;
  return threadId === undefined ? placeInNewThread(tx, search) : placeInThread(tx, threadId, search);
}

async function placeInThread(
  tx: Tx,
  threadId: string,
  { ctx, caller, request, keyIn }: PlaceSearch,
): Promise<SpawnPlace | { readonly holder: BgoRow }> {
  const { scope } = caller;
  const key = keyIn(`thread:${threadId}`);
  // Sent together, run in this order: what follows the lock sees what its last holder wrote.
  const [thread, holder, counts, agent] = await Promise.all([
    tx.threads.lock(scope, threadId),
    findHolder(tx, caller, key),
    tx.bgos.countForCaps({ threadId, ...parentIds(request.parent) }),
    tx.agents.findOfThread(scope, threadId),
  ]);
  if (thread === null || agent === null) throw threadNotFound(threadId);
  if (holder !== null) return { holder };
  refuseForeignAgent(caller, agent);
  refuseOtherAgent(agent, request);
  refuseBeyondCaps(ctx.caps, request.parent, counts);
  return { agent, threadId, isNewThread: false, key };
}

const emptyThread: CapCounts = { liveInThread: 0, spawnedByParent: 0 };

async function placeInNewThread(
  tx: Tx,
  { ctx, caller, request, keyIn }: PlaceSearch,
): Promise<SpawnPlace | { readonly holder: BgoRow }> {
  if (request.agent === undefined) {
    throw new PlatosError("input.invalid", "Name a threadId, or an agent for which a new thread is made.", {
      issues: [{ path: "agent", message: "required without threadId" }],
    });
  }
  const agent = await tx.agents.find(caller.scope, request.agent);
  if (agent === null) throw agentNotFound(request.agent);
  refuseForeignAgent(caller, agent);
  const key = keyIn(`agent:${agent.id}`);
  const threadId = ctx.identity.newId("thread");
  const [holder, counts] = await Promise.all([
    findHolder(tx, caller, key),
    request.parent === undefined ? emptyThread : tx.bgos.countForCaps({ threadId, ...parentIds(request.parent) }),
  ]);
  if (holder !== null) return { holder };
  refuseBeyondCaps(ctx.caps, request.parent, counts);
  return { agent, threadId, isNewThread: true, key };
}

/** A BGO that was spawned without any key is its own key, which nobody can have used. */
export const noKeyScope = "none";

async function findHolder(tx: Tx, { scope }: Caller, key: BgoKey): Promise<BgoRow | null> {
  return key.keyScope === noKeyScope ? null : tx.bgos.findByKey(scope, key);
}
