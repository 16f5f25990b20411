import { decideFires, type FireDecision } from "../../core/decide-fires.ts";
import { PlatosError } from "../../core/errors.ts";
import type { FiredInstants } from "../../core/ports/schedules.ts";
import type { Transaction } from "../../core/ports/store.ts";
import type { Schedule } from "../../core/schedule.ts";
import type { OperationContext } from "../context.ts";
import { cancelLockedSchedule } from "./change-schedule.ts";
import { inLanes } from "../in-lanes.ts";
import { spawnFire } from "../spawn-bgo.ts";
import { workerActor } from "../worker-actor.ts";

const batch = 100;
const maxRounds = 100;
/** Transactions side by side: thousands of schedules may be due in one second, and segments need connections, too. */
const atOnce = 4;

type FireRecord = FiredInstants["fires"][number];

/**
 * Fires every schedule whose time has come, by the database's clock: one transaction each, which spawns its BGOs and
 * moves it to its next instant. Returns how many BGOs it spawned; several workers may do it at once. `lookedAt`: until when
 * an instant was only late, however long the others before it take.
 */
export async function fireDueSchedules(ctx: OperationContext, lookedAt: Date): Promise<number> {
  const failures = new Map<string, unknown>();
  let spawned = 0;
  for (let round = 0; round < maxRounds; round += 1) {
    const due = await ctx.store.autocommit.schedules.listDue(batch, [...failures.keys()]);
    if (due.length === 0) break;
    await inLanes(due, {
      count: atOnce,
      work: async (scheduleId) => {
        const bgos = await fire(ctx, scheduleId, lookedAt);
        spawned += bgos;
      },
      onFailure: (scheduleId, error) => failures.set(scheduleId, error),
    });
    if (due.length < batch) break;
  }
  if (spawned > 0) ctx.engine.wake("bgo");
  if (failures.size > 0) {
    throw new AggregateError(failures.values(), `${[...failures.keys()].join(", ")} could not be fired`);
  }
  return spawned;
}

/** Locks in the order schedule, thread; who ends a BGO holds its thread and never asks for a schedule's lock. */
async function fire(ctx: OperationContext, scheduleId: string, lookedAt: Date): Promise<number> {
  return ctx.store.transaction("fire schedule", async (tx) => {
    const [schedule, now] = await Promise.all([tx.schedules.takeDue(scheduleId), tx.now()]);
    if (schedule === null) return 0;
    const decision = decideFires(ctx.calendar, schedule, { now, lookedAt });
    // One connection runs them in this order: what is live is looked at once the thread is locked.
    const [thread, hasLiveBgo] = await Promise.all([
      tx.threads.lock(schedule.scope, schedule.threadId),
      tx.schedules.hasLiveBgo(schedule),
    ]);
    if (thread === null || decision.nextFireAt === null) {
      const reason = thread === null ? "its thread was deleted" : "its rule never comes again";
      await cancelLockedSchedule(tx, schedule, { actor: workerActor, reason });
      return 0;
    }
    const fires = [...missedRecord(decision)];
    for (const at of decision.start) {
      const isBusy = hasLiveBgo || fires.some(({ bgoId }) => bgoId !== null);
      fires.push(await start(ctx, tx, { schedule, at, isBusy }));
    }
    const { decidedThrough, nextFireAt } = decision;
    tx.lastly(tx.schedules.recordFires(schedule, { fires, decidedThrough, nextFireAt }));
    return fires.filter(({ bgoId }) => bgoId !== null).length;
  });
}

function missedRecord({ missed, start: started }: FireDecision): readonly FireRecord[] {
  if (missed === null) return [];
  const { from, through, count } = missed;
  const reason = started.length === 0 ? "no worker was there in time" : "made up for by a later one";
  return [{ at: from, through, outcome: "missed", bgoId: null, count, reason }];
}

async function start(
  ctx: OperationContext,
  tx: Transaction,
  { schedule, at, isBusy }: { readonly schedule: Schedule; readonly at: Date; readonly isBusy: boolean },
): Promise<FireRecord> {
  if (isBusy && schedule.overlap === "skip") return without(at, "skipped", "an earlier run had not ended");
  const isHeld = isBusy && schedule.overlap === "queue";
  try {
    const { scope, createdBy: actor } = schedule;
    const request = requestOf(schedule, { at, isHeld });
    const bgoId = await spawnFire(ctx, tx, { caller: { scope, actor }, request });
    return { at, through: at, outcome: "spawned", bgoId, count: 1, reason: null };
  } catch (error) {
    if (!PlatosError.is(error) || error.retryable) throw error;
    return without(at, "refused", error.message);
  }
}

function without(at: Date, outcome: "skipped" | "refused", reason: string): FireRecord {
  return { at, through: at, outcome, bgoId: null, count: 1, reason };
}

function requestOf(schedule: Schedule, { at, isHeld }: { readonly at: Date; readonly isHeld: boolean }) {
  return {
    threadId: schedule.threadId,
    prompt: schedule.prompt,
    budget: schedule.budget,
    onComplete: schedule.onComplete,
    runAt: at,
    parent: { kind: "schedule", scheduleId: schedule.id, at, depth: schedule.depth, isHeld },
    ...(schedule.tools === null ? {} : { tools: schedule.tools }),
    ...(schedule.label === null ? {} : { label: schedule.label }),
  } as const;
}
