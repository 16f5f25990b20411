import type { Agent } from "../core/agent.ts";
import { PlatosError } from "../core/errors.ts";
import type { BgoKey, BgoRow, CapCounts, Tx } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { agentNotFound } from "./not-found.ts";
import { parentIds, type SpawnRequest } from "./spawn-request.ts";
import {
  refuseBeyondCaps,
  refuseForeignAgent,
  refuseOtherAgent,
  refuseOtherThread,
  threadGone,
} from "./spawn-rules.ts";
import { superseded } from "./superseded.ts";

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
  refuseOtherThread(request);
  // A model that chooses keys does not know those of the rest of the conversation.
  const key = keyIn(request.parent?.kind === "bgo" ? `bgo:${request.parent.bgo.id}` : `thread:${threadId}`);
  // Sent together, run in this order: what follows the lock sees what its last holder wrote.
  const [thread, holder, counts, agent] = await Promise.all([
    tx.threads.lock(scope, threadId),
    findHolder(tx, caller, key),
    tx.bgos.countForCaps({ threadId, ...parentIds(request.parent) }),
    tx.agents.findOfThread(scope, threadId),
  ]);
  if (thread === null || agent === null) throw threadGone(threadId, request);
  if (holder !== null) return { holder };
  refuseForeignAgent(caller, agent);
  refuseOtherAgent(agent, request);
  // Nothing starts after a cancel: a worker that has not heard of it yet is told here.
  if (counts.parentHasEnded) throw superseded();
  refuseBeyondCaps(ctx.caps, request.parent, counts);
  return { agent, threadId, isNewThread: false, key };
}

const emptyThread: CapCounts = { liveInThread: 0, spawnedByParent: 0, parentHasEnded: false };

async function placeInNewThread(
  tx: Tx,
  { ctx, caller, request, keyIn }: PlaceSearch,
): Promise<SpawnPlace | { readonly holder: BgoRow }> {
  refuseOtherThread(request);
  const agent = await agentOfNewThread(tx, caller, request);
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

/** Whose thread is made where none is named. Throws `input.invalid`, `agent.not_found`. */
export async function agentOfNewThread(
  tx: Tx,
  caller: Caller,
  { agent: named }: Pick<SpawnRequest, "agent">,
): Promise<Agent> {
  if (named === undefined) {
    throw new PlatosError("input.invalid", "Name a threadId, or an agent for which a new thread is made.", {
      issues: [{ path: "agent", message: "required without threadId" }],
    });
  }
  const agent = await tx.agents.find(caller.scope, named);
  if (agent === null) throw agentNotFound(named);
  refuseForeignAgent(caller, agent);
  return agent;
}

/** A BGO that was spawned without any key is its own key, which nobody can have used. */
export const noKeyScope = "none";

async function findHolder(tx: Tx, { scope }: Caller, key: BgoKey): Promise<BgoRow | null> {
  return key.keyScope === noKeyScope ? null : tx.bgos.findByKey(scope, key);
}
