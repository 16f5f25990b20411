import type { CreateScheduleBody, Schedule } from "@platos-tasks/client";

import { api } from "../../api.ts";

/** `POST /api/v1/schedules`. */
export function createSchedule(body: CreateScheduleBody): Promise<Schedule> {
  return api.schedules.create(body);
}
