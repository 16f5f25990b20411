import type { Agent } from "../../core/agent.ts";
import { PlatosError } from "../../core/errors.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { type BgoKey, KeyTaken, type Transaction } from "../../core/ports/store.ts";
import {
  type CronRule,
  type MissedPolicy,
  type OverlapPolicy,
  type Schedule,
  scheduleLimits,
} from "../../core/schedule.ts";
import type { Caller, OperationContext } from "../context.ts";
import { threadNotFound } from "../not-found.ts";
import { agentOfNewThread, noKeyScope } from "../spawn-place.ts";
import { argsOf, type SpawnRequest } from "../spawn-request.ts";
import { grantedTools, keyConflict, refuseForeignAgent, refuseOtherAgent, refuseTooDeep } from "../spawn-rules.ts";

type Spawned = Pick<
  SpawnRequest,
  "threadId" | "agent" | "prompt" | "tools" | "budget" | "label" | "onComplete" | "idempotencyKey" | "derivedKey"
>;

/** What its BGOs are spawned with, and when. */
export interface ScheduleRequest extends Spawned, CronRule {
  /** `skip` when absent. */
  readonly overlap?: OverlapPolicy;
  /** `one` when absent. */
  readonly missed?: MissedPolicy;
  /** With `all`: how many are made up for at most. */
  readonly maxMissed?: number;
  readonly jitterSeconds?: number;
  /** Of its BGOs; 1 when absent. */
  readonly depth?: number;
}

export interface ScheduleResult {
  readonly schedule: Schedule;
  /** True when the key had made this schedule before. */
  readonly deduplicated: boolean;
}

/**
 * Makes a schedule, which begins with the next instant of its rule. Errors: `input.invalid` with the field (`cron`,
 * `timeZone`), `thread.not_found`, `agent.not_found`, `tool.not_found`, `schedule.cap_reached`, `bgo.cap_reached`,
 * `idempotency.conflict`.
 */
export async function createSchedule(
  ctx: OperationContext,
  caller: Caller,
  request: ScheduleRequest,
): Promise<ScheduleResult> {
  const argsHash = ctx.identity.sha256(canonicalJson(scheduleArgs(request)));
  const { schedule, isNew } = await create(ctx, { caller, request, argsHash });
  if (schedule.argsHash === argsHash) return { schedule, deduplicated: !isNew };
  throw keyConflict(schedule.id);
}

interface Creation {
  readonly caller: Caller;
  readonly request: ScheduleRequest;
  readonly argsHash: string;
}

interface Made {
  readonly schedule: Schedule;
  readonly isNew: boolean;
}

async function create(ctx: OperationContext, creation: Creation): Promise<Made> {
  try {
    return await ctx.store.transaction("create schedule", (tx) => createIn(ctx, tx, creation));
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error;
    const schedule = await ctx.store.autocommit.schedules.findByKey(creation.caller.scope, error.key);
    if (schedule === null) throw error;
    return { schedule, isNew: false };
  }
}

async function createIn(
  ctx: OperationContext,
  tx: Transaction,
  { caller, request, argsHash }: Creation,
): Promise<Made> {
  const { scope, actor } = caller;
  const id = ctx.identity.newId("schedule");
  const now = await tx.now();
  const nextFireAt = firstInstant(ctx, request, now);
  const place = await findPlace(ctx, tx, { caller, request });
  const key = keyOf(request, { id, explicitScope: place.keyScope });
  const holder = key.keyScope === noKeyScope ? null : await tx.schedules.findByKey(scope, key);
  if (holder !== null) return { schedule: holder, isNew: false };
  grantedTools(place.agent, request);
  refuseTooMany(ctx, request, await tx.schedules.countLive(place.threadId));
  if (request.threadId === undefined) await makeThread(tx, { caller, request, place });
  const schedule = await tx.schedules.insert(scope, {
    ...newSchedule(ctx, request, id),
    threadId: place.threadId,
    agentId: place.agent.id,
    decidedThrough: now,
    nextFireAt,
    createdBy: actor,
    argsHash,
    key,
  });
  if (schedule === null) throw new KeyTaken(key);
  const details = { cron: schedule.cron, timeZone: schedule.timeZone, threadId: schedule.threadId };
  const entry = { actor, action: "schedule.created", targetType: "schedule", targetId: id, details };
  tx.lastly(tx.audit.append(scope, entry));
  return { schedule, isNew: true };
}

function newSchedule(ctx: OperationContext, request: ScheduleRequest, id: string) {
  const jitterSeconds = request.jitterSeconds ?? 0;
  return {
    id,
    depth: request.depth ?? 1,
    label: request.label ?? null,
    prompt: request.prompt,
    tools: request.tools ?? null,
    budget: request.budget ?? {},
    onComplete: request.onComplete ?? "message",
    cron: request.cron,
    timeZone: request.timeZone,
    overlap: request.overlap ?? "skip",
    missed: request.missed ?? "one",
    maxMissed: request.maxMissed ?? scheduleLimits.maxMissed,
    jitterSeconds,
    delayMs: delayWithin(ctx, id, jitterSeconds),
  } as const;
}

/** Drawn by lot, once: all fires of a schedule keep their distance, and many schedules of one minute spread out. */
function delayWithin(ctx: OperationContext, id: string, jitterSeconds: number): number {
  return Number.parseInt(ctx.identity.sha256(id).slice(0, 12), 16) % (jitterSeconds * 1000 + 1);
}

/** Throws `input.invalid` that names `cron` or `timeZone` and the accepted form. */
function firstInstant(ctx: OperationContext, rule: CronRule, now: Date): Date {
  const issues = ctx.calendar.issuesOf(rule, now);
  const [first] = issues.length > 0 ? [] : ctx.calendar.next(rule, now, 1);
  if (first !== undefined) return first;
  const list = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new PlatosError("input.invalid", `The schedule is not valid: ${list}.`, { issues });
}

interface Place {
  readonly agent: Agent;
  readonly threadId: string;
  /** For keys of the caller's own. */
  readonly keyScope: string;
}

async function findPlace(
  ctx: OperationContext,
  tx: Transaction,
  { caller, request }: { readonly caller: Caller; readonly request: ScheduleRequest },
): Promise<Place> {
  const { threadId } = request;
  if (threadId === undefined) {
    const agent = await agentOfNewThread(tx, caller, request);
    return { agent, threadId: ctx.identity.newId("thread"), keyScope: `agent:${agent.id}` };
  }
  const [thread, agent] = await Promise.all([
    tx.threads.lock(caller.scope, threadId),
    tx.agents.findOfThread(caller.scope, threadId),
  ]);
  if (thread === null || agent === null) throw threadNotFound(threadId);
  refuseForeignAgent(caller, agent);
  refuseOtherAgent(agent, request);
  return { agent, threadId, keyScope: `thread:${threadId}` };
}

function keyOf(request: ScheduleRequest, of: { readonly id: string; readonly explicitScope: string }): BgoKey {
  const { idempotencyKey, derivedKey } = request;
  if (idempotencyKey !== undefined) return { keyScope: of.explicitScope, idempotencyKey };
  if (derivedKey !== undefined) return { keyScope: "call", idempotencyKey: derivedKey };
  return { keyScope: noKeyScope, idempotencyKey: of.id };
}

function refuseTooMany({ caps }: OperationContext, { depth = 1 }: ScheduleRequest, live: number): void {
  if (live >= caps.maxSchedulesPerThread) {
    throw new PlatosError(
      "schedule.cap_reached",
      `This thread has ${live} schedules and may have ${caps.maxSchedulesPerThread}. Cancel one that is not needed.`,
    );
  }
  refuseTooDeep(caps, depth);
}

async function makeThread(
  tx: Transaction,
  of: { readonly caller: Caller; readonly request: ScheduleRequest; readonly place: Place },
): Promise<void> {
  const title = of.request.label ?? null;
  const thread = { id: of.place.threadId, agentId: of.place.agent.id, title, clientChatId: null };
  await tx.threads.insert(of.caller.scope, thread);
}

/** What the caller asked for, without anything generated: equal requests hash equal. */
function scheduleArgs(request: ScheduleRequest): Json {
  return {
    spawns: argsOf(request),
    cron: request.cron,
    timeZone: request.timeZone,
    overlap: request.overlap ?? null,
    missed: request.missed ?? null,
    maxMissed: request.maxMissed ?? null,
    jitterSeconds: request.jitterSeconds ?? null,
  };
}
