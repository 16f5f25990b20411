import type { Calendar } from "./ports/calendar.ts";
import { maxCountedMissed, missedAfterMs, type Schedule } from "./schedule.ts";

type Deciding = Pick<Schedule, "cron" | "timeZone" | "missed" | "maxMissed" | "delayMs" | "decidedThrough">;

export interface MissedFires {
  readonly from: Date;
  readonly through: Date;
  /** Null when there are more than {@link maxCountedMissed}. */
  readonly count: number | null;
}

/** What is to be done with the instants that have come since the last decision. */
export interface FireDecision {
  /** Instants to start a BGO for, oldest first. */
  readonly start: readonly Date[];
  /** The instants before those that are left out. */
  readonly missed: MissedFires | null;
  readonly decidedThrough: Date;
  /** Null when the rule never comes again. */
  readonly nextFireAt: Date | null;
}

/** When a decision is made, and when its worker began to look for due schedules: what waits its turn is not missed. */
export interface DecisionTimes {
  readonly now: Date;
  readonly lookedAt: Date;
}

/** Decides over every instant in (`decidedThrough`, `now`], as the calendar has them today, by the missed-fire policy. */
export function decideFires(calendar: Calendar, schedule: Deciding, { now, lookedAt }: DecisionTimes): FireDecision {
  const dueUntil = new Date(now.getTime() - schedule.delayMs);
  const { due, nextFireAt } = dueInstants(calendar, schedule, dueUntil);
  const lastDue = due.at(-1);
  if (lastDue === undefined) return { start: [], missed: null, decidedThrough: schedule.decidedThrough, nextFireAt };
  const start = startable(schedule, due, lookedAt);
  const missed = missedBefore(calendar, schedule, start[0] ?? new Date(lastDue.getTime() + 1));
  return { start, missed, decidedThrough: lastDue, nextFireAt };
}

const fewInstants = 3;

/** The newest due instants, at least as many as may be started, and the first that is not due. */
function dueInstants(
  calendar: Calendar,
  schedule: Deciding,
  dueUntil: Date,
): { readonly due: readonly Date[]; readonly nextFireAt: Date | null } {
  // Hardly ever is more than one due, and looking ahead is what costs.
  const coming = calendar.next(schedule, schedule.decidedThrough, fewInstants);
  const due = coming.filter((at) => at <= dueUntil);
  if (due.length < fewInstants) return { due, nextFireAt: coming[due.length] ?? null };
  const [nextFireAt = null] = calendar.next(schedule, dueUntil, 1);
  const newest = calendar.latest(schedule, dueUntil, schedule.missed === "all" ? schedule.maxMissed : fewInstants);
  return { due: newest.filter((at) => at > schedule.decidedThrough), nextFireAt };
}

function startable(schedule: Deciding, due: readonly Date[], lookedAt: Date): readonly Date[] {
  if (schedule.missed === "one") return due.slice(-1);
  const inTime = due.filter((at) => lookedAt.getTime() - schedule.delayMs - at.getTime() <= missedAfterMs);
  if (schedule.missed === "skip") return inTime;
  return due.slice(-Math.max(schedule.maxMissed, inTime.length));
}

/** The instants between the last decision and `end`, where the first one is that is started. */
function missedBefore(calendar: Calendar, schedule: Deciding, end: Date): MissedFires | null {
  const [from] = calendar.next(schedule, schedule.decidedThrough, 1);
  if (from === undefined || from >= end) return null;
  const [through = from] = calendar.latest(schedule, new Date(end.getTime() - 1), 1);
  return { from, through, count: countInstants(calendar, schedule, end) };
}

const countedAtOnce = 20;

function countInstants(calendar: Calendar, schedule: Deciding, end: Date): number | null {
  let after = schedule.decidedThrough;
  for (let count = 0; count <= maxCountedMissed;) {
    const more = calendar.next(schedule, after, countedAtOnce).filter((at) => at < end);
    count += more.length;
    if (more.length < countedAtOnce) return count > maxCountedMissed ? null : count;
    after = more.at(-1) ?? end;
  }
  return null;
}
