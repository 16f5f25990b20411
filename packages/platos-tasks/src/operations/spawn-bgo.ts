import type { Agent } from "../core/agent.ts";
import { type Budget, withinBudget } from "../core/budget.ts";
import { PlatosError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { type BgoKey, type BgoRow, KeyTaken, type NewBgo, type Transaction, type Tx } from "../core/ports/store.ts";
import { fireKey } from "../core/schedule.ts";
import type { Caller, OperationContext } from "./context.ts";
import { liesAhead } from "./lies-ahead.ts";
import { noKeyScope, placeSpawn, type SpawnPlace } from "./spawn-place.ts";
import { argsOf, depthOf, parentIds, type SpawnRequest } from "./spawn-request.ts";
import { grantedTools, keyConflict } from "./spawn-rules.ts";

/** Who asks waits all the while: a look-up that is answered late, or never, is the last one. */
const lookUpMs = 3000;
const lookUpPauseMs = 300;
const heldReason = "waiting for the run before it to end";

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
 * `input.invalid` for a `runAt` that is too far away,
 * `store.unavailable` (then nothing was spawned), `store.commit_unknown` (it may have been: ask again under the same key).
 */
export async function spawnBgo(ctx: OperationContext, caller: Caller, request: SpawnRequest): Promise<SpawnResult> {
  const bgoId = ctx.identity.newId("bgo");
  const spawning = new Spawn(ctx, caller, { request, bgoId });
  const result = await spawning.run();
  if (!result.deduplicated && result.bgo.status === "queued") ctx.engine.wake("bgo");
  return result;
}

/**
 * Spawns in the caller's transaction, for a fire of a schedule, whose instant is the key. What it throws with a code of
 * `spawnBgo` was decided before anything was written, so the transaction may go on. Gives the BGO's id.
 */
export async function spawnFire(
  ctx: OperationContext,
  tx: Transaction,
  { caller, request }: { readonly caller: Caller; readonly request: SpawnRequest },
): Promise<string> {
  return new Spawn(ctx, caller, { request, bgoId: ctx.identity.newId("bgo") }).spawnFire(tx);
}

/** Rolls the transaction back because the key has made this BGO before. */
class AlreadySpawned extends Error {
  readonly holder: BgoRow;

  constructor(holder: BgoRow) {
    super("The idempotency key has made a BGO before.");
    this.holder = holder;
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
      const { inserted, ranAtOnce } = await this.#ctx.store.transaction("spawn", (tx) => this.#spawn(tx));
      return { bgo: await inserted, deduplicated: false, ranAtOnce };
    } catch (error) {
      if (error instanceof AlreadySpawned) return this.#repeated(error.holder);
      if (error instanceof KeyTaken) return this.#repeated(await this.#holderOf(error.key));
      if (PlatosError.is(error) && error.code === "store.commit_unknown") return this.#lookUp(error);
      throw error;
    }
  }

  /** Two round trips: what is to be known, with the job; then the rows, with the commit. */
  async #spawn(tx: Transaction): Promise<{ readonly inserted: Promise<BgoRow>; readonly ranAtOnce: boolean }> {
    const runAt = this.#request.runAt ?? null;
    const isLater = runAt !== null && liesAhead(runAt, { now: await tx.now(), field: "runAt" });
    const segmentId = isLater ? null : this.#ctx.identity.newSegmentId();
    const [place] = await Promise.all([this.#place(tx), this.#enqueue(tx, segmentId)]);
    if ("holder" in place) throw new AlreadySpawned(place.holder);
    const row = this.#newRow(place, segmentId);
    return { inserted: this.#write(tx, place, row), ranAtOnce: runAt !== null && !isLater };
  }

  /** What refuses comes first; nothing is sent before that. */
  async spawnFire(tx: Transaction): Promise<string> {
    const { parent } = this.#request;
    const isHeld = parent?.kind === "schedule" && parent.isHeld;
    const place = await this.#place(tx);
    if ("holder" in place) return place.holder.id;
    const segmentId = isHeld ? null : this.#ctx.identity.newSegmentId();
    const row = this.#newRow(place, segmentId);
    tx.lastly(this.#enqueue(tx, segmentId));
    void this.#write(tx, place, row);
    if (isHeld) tx.lastly(tx.schedules.hold(row.id));
    return row.id;
  }

  #write(tx: Transaction, { agent, threadId, isNewThread }: SpawnPlace, row: NewBgo): Promise<BgoRow> {
    if (isNewThread) tx.lastly(this.#makeThread(tx, threadId, agent));
    const inserted = tx.bgos.insert(this.#caller.scope, row, this.#caller.actor);
    tx.lastly(inserted);
    tx.lastly(this.#countAlias(tx, threadId));
    return inserted;
  }

  #place(tx: Tx): ReturnType<typeof placeSpawn> {
    return placeSpawn(tx, {
      ctx: this.#ctx,
      caller: this.#caller,
      request: this.#request,
      keyIn: (explicitScope) => this.#key(explicitScope),
    });
  }

  async #enqueue(tx: Tx, segmentId: string | null): Promise<void> {
    if (segmentId === null) return;
    await this.#ctx.engine.enqueue(tx, { id: segmentId, ownerId: this.#bgoId, ownerKind: "bgo" });
  }

  async #makeThread(tx: Tx, id: string, agent: Agent): Promise<void> {
    const title = this.#request.label ?? null;
    await tx.threads.insert(this.#caller.scope, { id, agentId: agent.id, title, clientChatId: null });
  }

  async #countAlias(tx: Tx, threadId: string): Promise<void> {
    const { deprecatedAlias } = this.#request;
    if (deprecatedAlias === undefined) return;
    await tx.audit.append(this.#caller.scope, {
      actor: this.#caller.actor,
      action: "meta_tool.deprecated_alias_used",
      targetType: "meta_tool",
      targetId: deprecatedAlias,
      details: { threadId },
    });
  }

  #newRow({ agent, threadId, key }: SpawnPlace, segmentId: string | null): NewBgo {
    const request = this.#request;
    const { parentBgoId, turnId } = parentIds(request.parent);
    const isHeld = request.parent?.kind === "schedule" && segmentId === null;
    return {
      id: this.#bgoId,
      threadId,
      agentId: agent.id,
      agentVersionId: agent.versionId,
      parentBgoId,
      turnId,
      depth: depthOf(request.parent),
      label: request.label ?? null,
      prompt: request.prompt,
      tools: grantedTools(agent, request),
      budget: this.#budget(agent),
      // The result of a child is for its parent, which may wait for it; the agent in the chat hears of the whole.
      onComplete: request.parent?.kind === "bgo" ? "message" : (request.onComplete ?? "message"),
      status: segmentId === null ? "scheduled" : "queued",
      reason: isHeld ? heldReason : segmentId === null ? "scheduled" : "waiting for a worker",
      segmentId,
      runAt: request.runAt ?? null,
      ...key,
      keyIsDerived: request.idempotencyKey === undefined,
      argsHash: this.#argsHash,
      engine: this.#ctx.engine.name,
    };
  }

  /**
   * People and programs may ask for more than an agent's default; the agent itself may only ask for less, and for a
   * child of a BGO for no more than that one has.
   */
  #budget(agent: Agent): Budget {
    const requested = this.#request.budget ?? {};
    const { parent } = this.#request;
    if (parent?.kind === "bgo") return withinBudget(requested, parent.bgo.budget);
    if (this.#caller.actor.type === "agent") return withinBudget(requested, agent.budget);
    return { ...agent.budget, ...requested };
  }

  #key(explicitScope: string): BgoKey {
    this.#lookedUnder = this.#keyIn(explicitScope);
    return this.#lookedUnder;
  }

  #keyIn(explicitScope: string): BgoKey {
    const { idempotencyKey, derivedKey, parent } = this.#request;
    if (parent?.kind === "schedule") return fireKey(parent.scheduleId, parent.at);
    if (idempotencyKey !== undefined) return { keyScope: explicitScope, idempotencyKey };
    if (derivedKey !== undefined) return { keyScope: "call", idempotencyKey: derivedKey };
    return { keyScope: noKeyScope, idempotencyKey: this.#bgoId };
  }

  #repeated(bgo: BgoRow): SpawnResult {
    if (bgo.argsHash !== this.#argsHash) throw keyConflict(bgo.id);
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
    const untilMs = clock.now().getTime() + lookUpMs;
    do {
      try {
        return await store.transaction("spawn look-up", (tx) => this.#findMadeIn(tx));
      } catch (error) {
        if (!PlatosError.is(error) || !error.retryable) throw error;
        await clock.sleep(lookUpPauseMs);
      }
    } while (clock.now().getTime() < untilMs);
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
