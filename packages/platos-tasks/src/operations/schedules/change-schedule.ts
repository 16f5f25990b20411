import type { Actor } from "../../core/actor.ts";
import { PlatosError } from "../../core/errors.ts";
import type { ScheduleChange } from "../../core/ports/schedules.ts";
import type { Transaction } from "../../core/ports/store.ts";
import type { Schedule } from "../../core/schedule.ts";
import type { Caller, OperationContext } from "../context.ts";
import { endBgo } from "../end-bgo.ts";
import { scheduleNotFound } from "../not-found.ts";

/**
 * Stops a schedule from firing until it is resumed; instants that pass meanwhile are nobody's. BGOs that it has fired go
 * on. Errors: `schedule.not_found`, `schedule.cancelled`.
 */
export async function pauseSchedule(ctx: OperationContext, caller: Caller, scheduleId: string): Promise<Schedule> {
  return ctx.store.transaction("pause schedule", async (tx) => {
    const schedule = await lockLive(tx, caller, scheduleId);
    if (schedule.status === "paused") return schedule;
    return change(tx, schedule, { status: "paused", reason: null, nextFireAt: null, actor: caller.actor });
  });
}

/** Lets a paused schedule fire again, from its next instant on. Errors: `schedule.not_found`, `schedule.cancelled`. */
export async function resumeSchedule(ctx: OperationContext, caller: Caller, scheduleId: string): Promise<Schedule> {
  return ctx.store.transaction("resume schedule", async (tx) => {
    const schedule = await lockLive(tx, caller, scheduleId);
    if (schedule.status === "active") return schedule;
    const now = await tx.now();
    const [nextFireAt] = ctx.calendar.next(schedule, now, 1);
    if (nextFireAt === undefined) {
      throw new PlatosError("input.invalid", `${schedule.id} never comes again. Cancel it, and make another one.`);
    }
    const to = { status: "active", reason: null, decidedThrough: now, nextFireAt, actor: caller.actor } as const;
    return change(tx, schedule, to);
  });
}

export interface CancelScheduleRequest {
  readonly scheduleId: string;
  readonly reason?: string;
}

export type CancelScheduleOutcome = "cancelled" | "already_cancelled";

/**
 * Ends a schedule for good, and with it the BGOs that it holds back; those that have started go on, and are cancelled as
 * any other. Errors: `schedule.not_found`.
 */
export async function cancelSchedule(
  ctx: OperationContext,
  caller: Caller,
  { scheduleId, reason }: CancelScheduleRequest,
): Promise<{ readonly outcome: CancelScheduleOutcome; readonly schedule: Schedule }> {
  return ctx.store.transaction("cancel schedule", async (tx) => {
    const schedule = await tx.schedules.lock(caller.scope, scheduleId);
    if (schedule === null) throw scheduleNotFound(scheduleId);
    if (schedule.status === "cancelled") return { outcome: "already_cancelled", schedule };
    const deed = { actor: caller.actor, reason: reason ?? "no reason given" };
    const cancelled = await cancelLockedSchedule(tx, schedule, deed);
    await cancelHeld(ctx, tx, { schedule, actor: caller.actor });
    return { outcome: "cancelled", schedule: cancelled };
  });
}

/** Nothing of them has run, so they have neither segments nor descendants. */
async function cancelHeld(
  ctx: OperationContext,
  tx: Transaction,
  { schedule, actor }: { readonly schedule: Schedule; readonly actor: Actor },
): Promise<void> {
  for (const id of await tx.schedules.listHeld(schedule)) {
    // One that was released since has started.
    await endBgo(ctx, tx, {
      bgo: { id, threadId: schedule.threadId },
      scope: schedule.scope,
      to: "cancelled",
      from: ["scheduled"],
      guard: "any",
      actor,
      reason: "its schedule was cancelled",
    });
  }
}

export async function cancelLockedSchedule(
  tx: Transaction,
  schedule: Schedule,
  { actor, reason }: { readonly actor: Actor; readonly reason: string },
): Promise<Schedule> {
  return change(tx, schedule, { status: "cancelled", reason, nextFireAt: null, actor });
}

async function lockLive(tx: Transaction, caller: Caller, scheduleId: string): Promise<Schedule> {
  const schedule = await tx.schedules.lock(caller.scope, scheduleId);
  if (schedule === null) throw scheduleNotFound(scheduleId);
  if (schedule.status !== "cancelled") return schedule;
  throw new PlatosError("schedule.cancelled", `${schedule.id} is cancelled for good. Make another one.`);
}

const actions = { active: "schedule.resumed", paused: "schedule.paused", cancelled: "schedule.cancelled" } as const;

async function change(
  tx: Transaction,
  schedule: Schedule,
  { actor, ...to }: ScheduleChange & { readonly actor: Actor },
): Promise<Schedule> {
  const [changed] = await Promise.all([
    tx.schedules.change(schedule.scope, schedule.id, to),
    tx.audit.append(schedule.scope, {
      actor,
      action: actions[to.status],
      targetType: "schedule",
      targetId: schedule.id,
      details: to.reason === null ? {} : { reason: to.reason },
    }),
  ]);
  if (changed === null) throw new Error("A locked schedule is gone.");
  return changed;
}
