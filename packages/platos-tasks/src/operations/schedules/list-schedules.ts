import type { ScheduleFilter } from "../../core/ports/schedules.ts";
import type { Schedule, ScheduleFire } from "../../core/schedule.ts";
import type { Caller, OperationContext } from "../context.ts";
import { type Page, pageOf, type PageQuery } from "../list-bgos.ts";
import { scheduleNotFound } from "../not-found.ts";

const nextFires = 5;
const recentFires = 10;

/** A schedule with what lies around now. */
export interface ScheduleOutlook extends Schedule {
  /** The next instants of its rule, before jitter; none while it does not fire. */
  readonly nextFires: readonly Date[];
  /** What became of the latest due instants, newest first. */
  readonly recentFires: readonly ScheduleFire[];
}

/** Newest first. */
export async function listSchedules(
  ctx: OperationContext,
  caller: Caller,
  query: ScheduleFilter & PageQuery,
): Promise<Page<ScheduleOutlook>> {
  const page = await pageOf(query, (part) => ctx.store.autocommit.schedules.list(caller.scope, query, part));
  return { items: await withOutlook(ctx, caller, page.items), nextCursor: page.nextCursor };
}

/** Errors: `schedule.not_found`. */
export async function getSchedule(ctx: OperationContext, caller: Caller, scheduleId: string): Promise<ScheduleOutlook> {
  const schedule = await ctx.store.autocommit.schedules.find(caller.scope, scheduleId);
  if (schedule === null) throw scheduleNotFound(scheduleId);
  return outlookOf(ctx, caller, schedule);
}

export async function outlookOf(ctx: OperationContext, caller: Caller, schedule: Schedule): Promise<ScheduleOutlook> {
  const [outlook] = await withOutlook(ctx, caller, [schedule]);
  if (outlook === undefined) throw new Error("One schedule gave no outlook.");
  return outlook;
}

async function withOutlook(
  ctx: OperationContext,
  { scope }: Caller,
  schedules: readonly Schedule[],
): Promise<readonly ScheduleOutlook[]> {
  if (schedules.length === 0) return [];
  const ids = schedules.map(({ id }) => id);
  const fires = await ctx.store.autocommit.schedules.listFires(scope, ids, recentFires);
  return schedules.map((schedule) => ({
    ...schedule,
    nextFires: schedule.status === "active" ? ctx.calendar.next(schedule, schedule.decidedThrough, nextFires) : [],
    recentFires: fires.get(schedule.id) ?? [],
  }));
}
