import type { Schedule as ScheduleView, ScheduleFire as ScheduleFireView } from "@platos-tasks/client";
import type { ScheduleFire } from "../core/schedule.ts";
import type { ScheduleOutlook } from "../operations/schedules/list-schedules.ts";

export function scheduleView(schedule: ScheduleOutlook): ScheduleView {
  return {
    id: schedule.id,
    status: schedule.status,
    reason: schedule.reason,
    threadId: schedule.threadId,
    agentId: schedule.agentId,
    label: schedule.label,
    prompt: schedule.prompt,
    tools: schedule.tools,
    budget: schedule.budget,
    onComplete: schedule.onComplete,
    cron: schedule.cron,
    timeZone: schedule.timeZone,
    overlap: schedule.overlap,
    missed: schedule.missed,
    maxMissed: schedule.maxMissed,
    jitterSeconds: schedule.jitterSeconds,
    nextFires: schedule.nextFires.map((at) => at.toISOString()),
    recentFires: schedule.recentFires.map(fireView),
    rev: schedule.rev,
    createdAt: schedule.createdAt.toISOString(),
    updatedAt: schedule.updatedAt.toISOString(),
  };
}

function fireView({ at, through, outcome, bgoId, count, reason, decidedAt }: ScheduleFire): ScheduleFireView {
  return {
    at: at.toISOString(),
    throughAt: through.toISOString(),
    outcome,
    bgoId,
    count,
    reason,
    decidedAt: decidedAt.toISOString(),
  };
}
