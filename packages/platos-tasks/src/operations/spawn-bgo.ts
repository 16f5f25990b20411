import type { Agent } from "../core/agent.ts";
import type { OnComplete } from "../core/bgo.ts";
import type { Budget } from "../core/budget.ts";
import { PlatosError } from "../core/errors.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { BgoKey, BgoRow, NewBgo, Tx } from "../core/ports/store.ts";
import type { Caller, OperationContext } from "./context.ts";
import { agentNotFound, threadNotFound } from "./not-found.ts";

const lookUps = 10;
const lookUpPauseMs = 300;

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
}

export type SpawnParent =
  | { readonly kind: "turn"; readonly turnId: string }
  | { readonly kind: "bgo"; readonly bgo: Pick<BgoRow, "id" | "depth" | "tools"> };

export interface SpawnResult {
  readonly bgo: BgoRow;
  /** True when the key had made this BGO before. */
  readonly deduplicated: boolean;
  /** True when `runAt` lay in the past. */
  readonly ranAtOnce: boolean;
}

/**
 * Starts a background operation. When this returns, the row and its first wake-up are committed. Errors:
 * `thread.not_found`, `agent.not_found`, `tool.not_found`, `bgo.cap_reached`, `idempotency.conflict`,
 * `store.unavailable` (then nothing was spawned), `store.commit_unknown` (it may have been: ask again under the same key).
 */
export async function spawnBgo(ctx: OperationContext, caller: Caller, request: SpawnRequest): Promise<SpawnResult> {
  const bgoId = ctx.identity.newId("bgo");
  const spawning = new Spawn(ctx, caller, { request, bgoId });
  const result = await spawning.run();
  if (!result.deduplicated && result.bgo.status === "queued") ctx.engine.wake("bgo");
  return result;
}

/** Rolls the transaction back when another caller came first with the same key. */
class KeyTaken extends Error {
  readonly key: BgoKey;
  constructor(key: BgoKey) {
    super("The idempotency key was taken meanwhile.");
    this.key = key;
  }
}

class Spawn {
  readonly #ctx: OperationContext;
  readonly #caller: Caller;
  readonly #request: SpawnRequest;
  readonly #bgoId: string;
  readonly #argsHash: string;
  #lookedUnder: BgoKey | null = null;

  constructor(ctx: OperationContext, caller: Caller, of: { request: SpawnRequest; bgoId: string }) {
    this.#ctx = ctx;
    this.#caller = caller;
    this.#request = of.request;
    this.#bgoId = of.bgoId;
    this.#argsHash = ctx.identity.sha256(canonicalJson(argsOf(of.request)));
  }

  async run(): Promise<SpawnResult> {
    try {
      return await this.#ctx.store.transaction("spawn", (tx) => this.#spawn(tx));
    } catch (error) {
      if (error instanceof KeyTaken) return this.#repeated(await this.#holderOf(error.key));
      if (PlatosError.is(error) && error.code === "store.commit_unknown") return this.#lookUp(error);
      throw error;
    }
  }

  async #spawn(tx: Tx): Promise<SpawnResult> {
    const { scope } = this.#caller;
    const place = await this.#place(tx);
    if (place.kind === "known") return this.#repeated(place.bgo);
    const { agent, threadId, key, isNewThread } = place;
    const tools = this.#grantedTools(agent);
    if (isNewThread) await this.#makeThread(tx, threadId, agent);
    const now = this.#ctx.identity.newSegmentId();
    const runAt = this.#request.runAt ?? null;
    const isLater = runAt !== null && runAt > this.#ctx.clock.now();
    const row = this.#newRow({ agent, threadId, tools, key, segmentId: isLater ? null : now });
    const [bgo] = await Promise.all([
      tx.bgos.insert(scope, row, this.#caller.actor),
      isLater ? undefined : this.#ctx.engine.enqueue(tx, { id: now, ownerId: this.#bgoId, ownerKind: "bgo" }),
    ]);
    if (bgo === null) throw new KeyTaken(key);
    return { bgo, deduplicated: false, ranAtOnce: runAt !== null && !isLater };
  }

  /** Where it will live and under which key; or the BGO that the key has made already, found before caps are counted. */
  async #place(tx: Tx): Promise<{ kind: "known"; bgo: BgoRow } | Place> {
    const { scope } = this.#caller;
    const { threadId } = this.#request;
    if (threadId === undefined) return this.#placeInNewThread(tx);
    const key = this.#key(`thread:${threadId}`);
    const parent = parentIds(this.#request.parent);
    const [thread, holder, counts] = await Promise.all([
      tx.threads.lock(scope, threadId),
      tx.bgos.findByKey(scope, key),
      tx.bgos.countForCaps({ threadId, ...parent }),
    ]);
    if (thread === null) throw threadNotFound(threadId);
    if (holder !== null) return { kind: "known", bgo: holder };
    const agent = await tx.agents.find(scope, thread.agentId);
    if (agent === null) throw agentNotFound(thread.agentId);
    this.#refuseForeignAgent(agent);
    const named = this.#request.agent;
    if (named !== undefined && named !== agent.id && named !== agent.slug) {
      throw new PlatosError("input.invalid", `Thread ${threadId} belongs to agent ${agent.slug}, not to ${named}.`, {
        issues: [{ path: "agent", message: `must be ${agent.slug} for this thread, or absent` }],
      });
    }
    this.#refuseBeyondCaps(counts);
    return { kind: "new", agent, threadId, key, isNewThread: false };
  }

  async #placeInNewThread(tx: Tx): Promise<{ kind: "known"; bgo: BgoRow } | Place> {
    const { scope } = this.#caller;
    const named = this.#request.agent;
    if (named === undefined) {
      throw new PlatosError("input.invalid", "Name a threadId, or an agent for which a new thread is made.", {
        issues: [{ path: "agent", message: "required without threadId" }],
      });
    }
    const agent = await tx.agents.find(scope, named);
    if (agent === null) throw agentNotFound(named);
    this.#refuseForeignAgent(agent);
    const key = this.#key(`agent:${agent.id}`);
    const holder = await tx.bgos.findByKey(scope, key);
    if (holder !== null) return { kind: "known", bgo: holder };
    const threadId = this.#ctx.identity.newId("thread");
    this.#refuseBeyondCaps(await tx.bgos.countForCaps({ threadId, ...parentIds(this.#request.parent) }));
    return { kind: "new", agent, threadId, key, isNewThread: true };
  }

  async #makeThread(tx: Tx, id: string, agent: Agent): Promise<void> {
    const title = this.#request.label ?? null;
    await tx.threads.insert(this.#caller.scope, { id, agentId: agent.id, title, clientChatId: null });
  }

  #newRow(of: {
    readonly agent: Agent;
    readonly threadId: string;
    readonly tools: readonly string[];
    readonly key: BgoKey;
    readonly segmentId: string | null;
  }): NewBgo {
    const request = this.#request;
    const { parentBgoId, turnId } = parentIds(request.parent);
    return {
      id: this.#bgoId,
      threadId: of.threadId,
      agentId: of.agent.id,
      agentVersionId: of.agent.versionId,
      parentBgoId,
      turnId,
      depth: depthOf(request.parent),
      label: request.label ?? null,
      prompt: request.prompt,
      tools: of.tools,
      budget: request.budget ?? of.agent.budget,
      onComplete: request.onComplete ?? "message",
      status: of.segmentId === null ? "scheduled" : "queued",
      reason: of.segmentId === null ? "scheduled" : "waiting for a worker",
      segmentId: of.segmentId,
      runAt: request.runAt ?? null,
      ...of.key,
      keyIsDerived: request.idempotencyKey === undefined,
      argsHash: this.#argsHash,
      engine: this.#ctx.engine.name,
    };
  }

  #key(explicitScope: string): BgoKey {
    this.#lookedUnder = this.#keyIn(explicitScope);
    return this.#lookedUnder;
  }

  #keyIn(explicitScope: string): BgoKey {
    const { idempotencyKey, derivedKey } = this.#request;
    if (idempotencyKey !== undefined) return { keyScope: explicitScope, idempotencyKey };
    if (derivedKey !== undefined) return { keyScope: "call", idempotencyKey: derivedKey };
    return { keyScope: "none", idempotencyKey: this.#bgoId };
  }

  /** A model may not borrow another agent's tools by spawning into that agent's thread. */
  #refuseForeignAgent(agent: Agent): void {
    const { actor } = this.#caller;
    if (actor.type !== "agent" || actor.id === agent.id) return;
    throw new PlatosError(
      "input.invalid",
      "This thread is another agent's. Leave threadId out to use this conversation.",
      {
        issues: [{ path: "threadId", message: "belongs to another agent" }],
      },
    );
  }

  /** Never more than the agent has, and never more than a parent BGO was given. */
  #grantedTools(agent: Agent): readonly string[] {
    const { tools, parent } = this.#request;
    const grantable = parent?.kind === "bgo" ? parent.bgo.tools : agent.tools;
    if (tools === undefined) return grantable;
    const missing = tools.filter((tool) => !grantable.includes(tool));
    if (missing.length === 0) return tools;
    const known = grantable.length === 0 ? "It has none." : `It may use: ${grantable.join(", ")}.`;
    throw new PlatosError("tool.not_found", `Agent ${agent.slug} has no tool ${missing.join(", ")}. ${known}`, {
      issues: [{ path: "tools", message: `not granted: ${missing.join(", ")}` }],
    });
  }

  #refuseBeyondCaps(counts: { liveInThread: number; spawnedByParent: number }): void {
    const { caps } = this.#ctx;
    const depth = depthOf(this.#request.parent);
    if (depth > caps.maxDepth) {
      throw new PlatosError(
        "bgo.cap_reached",
        `BGOs may be nested ${caps.maxDepth} deep; this one would be ${depth}. Do the work here instead.`,
      );
    }
    if (counts.liveInThread >= caps.maxLivePerThread) {
      throw new PlatosError(
        "bgo.cap_reached",
        `This thread has ${counts.liveInThread} live BGOs and may have ${caps.maxLivePerThread}. Wait for some to end, or cancel some.`,
      );
    }
    if (this.#request.parent !== undefined && counts.spawnedByParent >= caps.maxSpawnsPerTurn) {
      throw new PlatosError(
        "bgo.cap_reached",
        `One turn may spawn ${caps.maxSpawnsPerTurn} BGOs, and this one has. Put more work into each, or go on in a later turn.`,
      );
    }
  }

  #repeated(bgo: BgoRow): SpawnResult {
    if (bgo.argsHash !== this.#argsHash) {
      throw new PlatosError(
        "idempotency.conflict",
        `This idempotency key has already made ${bgo.id} from other arguments. Send the same arguments, or use a new key.`,
        { issues: [{ path: "idempotencyKey", message: `used by ${bgo.id} with other arguments` }] },
      );
    }
    return { bgo, deduplicated: true, ranAtOnce: false };
  }

  async #holderOf(key: BgoKey): Promise<BgoRow> {
    const holder = await this.#ctx.store.autocommit.bgos.findByKey(this.#caller.scope, key);
    if (holder !== null) return holder;
    throw new PlatosError("store.unavailable", "Another call with this key is being decided. Try again.", {
      retryable: true,
      retryAfterMs: 500,
    });
  }

  /** The connection was lost while committing: only the database knows, so it is asked. */
  async #lookUp(unknown: PlatosError): Promise<SpawnResult> {
    const bgo = await this.#findMade(unknown);
    if (bgo === null) {
      throw new PlatosError(
        "store.unavailable",
        "The database was lost before this was saved: nothing was spawned. Try again.",
        {
          cause: unknown,
          retryable: true,
          retryAfterMs: 1000,
        },
      );
    }
    return bgo.id === this.#bgoId ? { bgo, deduplicated: false, ranAtOnce: false } : this.#repeated(bgo);
  }

  /** What lost the connection may last a little. While it does, the one true answer is that nothing is known. */
  async #findMade(unknown: PlatosError): Promise<BgoRow | null> {
    const { clock, store } = this.#ctx;
    for (let tries = 1; tries <= lookUps; tries += 1) {
      try {
        return await store.transaction("spawn look-up", (tx) => this.#findMadeIn(tx));
      } catch (error) {
        if (!PlatosError.is(error) || !error.retryable) throw error;
        await clock.sleep(lookUpPauseMs);
      }
    }
    throw unknown;
  }

  async #findMadeIn(tx: Tx): Promise<BgoRow | null> {
    const { scope } = this.#caller;
    const { threadId } = this.#request;
    // The server may still be committing: then it holds this lock until that is decided.
    if (threadId !== undefined) await tx.threads.lock(scope, threadId);
    const made = await tx.bgos.find(scope, this.#bgoId);
    return made ?? (this.#lookedUnder === null ? null : tx.bgos.findByKey(scope, this.#lookedUnder));
  }
}

interface Place {
  readonly kind: "new";
  readonly agent: Agent;
  readonly threadId: string;
  readonly key: BgoKey;
  readonly isNewThread: boolean;
}

function parentIds(parent: SpawnParent | undefined): { turnId: string | null; parentBgoId: string | null } {
  return {
    turnId: parent?.kind === "turn" ? parent.turnId : null,
    parentBgoId: parent?.kind === "bgo" ? parent.bgo.id : null,
  };
}

function depthOf(parent: SpawnParent | undefined): number {
  return parent?.kind === "bgo" ? parent.bgo.depth + 1 : 1;
}

/** What the caller asked for, without anything generated: equal requests hash equal. */
function argsOf(request: SpawnRequest): Json {
  return {
    prompt: request.prompt,
    tools: request.tools === undefined ? null : [...request.tools],
    budget: { ...request.budget },
    label: request.label ?? null,
    onComplete: request.onComplete ?? null,
    runAt: request.runAt?.toISOString() ?? null,
  };
}
