import { readJson } from "../connection.ts";
import type { Connection } from "../connection.ts";
import type { Page } from "../page.ts";
import type { CancelScheduleReceipt, CreateScheduleBody, Schedule, ScheduleFilters } from "../schedule.ts";
import { apiPath } from "../url.ts";
import type { CallOptions, PageOptions } from "./call-options.ts";

export interface ListSchedulesOptions extends ScheduleFilters, PageOptions {}

/** BGOs that start again and again. */
export interface SchedulesApi {
  create(body: CreateScheduleBody, options?: CallOptions): Promise<Schedule>;
  list(options?: ListSchedulesOptions): Promise<Page<Schedule>>;
  get(scheduleId: string, options?: CallOptions): Promise<Schedule>;
  pause(scheduleId: string, options?: CallOptions): Promise<Schedule>;
  /** From its next instant on. */
  resume(scheduleId: string, options?: CallOptions): Promise<Schedule>;
  /** For good; what has started goes on, what waited for that is cancelled. */
  cancel(
    scheduleId: string,
    body?: { readonly reason?: string },
    options?: CallOptions,
  ): Promise<CancelScheduleReceipt>;
}

const segment = "schedules";

export function schedulesApi(connection: Connection): SchedulesApi {
  return {
    create: ({ idempotencyKey, ...body }, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment), { body, idempotencyKey, signal })),
    list: ({ signal, status, thread, agent, limit, cursor } = {}) =>
      readJson(connection.send("GET", apiPath(segment), { query: { status, thread, agent, limit, cursor }, signal })),
    get: (scheduleId, { signal } = {}) => readJson(connection.send("GET", apiPath(segment, scheduleId), { signal })),
    pause: (scheduleId, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment, scheduleId, "pause"), { signal })),
    resume: (scheduleId, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment, scheduleId, "resume"), { signal })),
    cancel: (scheduleId, { reason } = {}, { signal } = {}) =>
      readJson(connection.send("DELETE", apiPath(segment, scheduleId), { query: { reason }, signal })),
  };
}
