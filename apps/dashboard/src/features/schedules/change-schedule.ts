import type { Schedule } from "@platos-tasks/client";

import { api } from "../../api.ts";

export type ScheduleChange = "pause" | "resume" | "cancel";

/** `POST /api/v1/schedules/{id}/pause`, `…/resume`, or `DELETE /api/v1/schedules/{id}`. */
export async function changeSchedule(scheduleId: string, change: ScheduleChange): Promise<Schedule> {
  switch (change) {
    case "pause":
      return api.schedules.pause(scheduleId);
    case "resume":
      return api.schedules.resume(scheduleId);
    case "cancel":
      return (await api.schedules.cancel(scheduleId)).schedule;
  }
}
