import type { AuditEntry } from "../audit-entry.ts";
import type { Bgo, BgoFilters, CancelReceipt, ScheduleReceipt, SpawnBody, SpawnReceipt } from "../bgo.ts";
import { readJson } from "../connection.ts";
import type { Connection } from "../connection.ts";
import type { Page } from "../page.ts";
import type { Step } from "../step.ts";
import { apiPath } from "../url.ts";
import type { Waitpoint } from "../waitpoint.ts";
import type { CallOptions, PageOptions } from "./call-options.ts";

export interface ListBgosOptions extends BgoFilters, PageOptions {}

/** Background operations; their URL segment is `platos-tasks`. */
export interface BgosApi {
  spawn(body: SpawnBody, options?: CallOptions): Promise<SpawnReceipt>;
  list(options?: ListBgosOptions): Promise<Page<Bgo>>;
  get(bgoId: string, options?: CallOptions): Promise<Bgo>;
  /** Oldest first. */
  steps(bgoId: string, options?: PageOptions): Promise<Page<Step>>;
  /** Oldest first. */
  audit(bgoId: string, options?: PageOptions): Promise<Page<AuditEntry>>;
  /** Everything it waits or waited for, oldest first. */
  waits(bgoId: string, options?: CallOptions): Promise<Page<Waitpoint>>;
  /** Says what really happened; a BGO that had ended already is no error. */
  cancel(bgoId: string, body?: { readonly reason?: string }, options?: CallOptions): Promise<CancelReceipt>;
  /** Starts a scheduled one ahead of its time; a 409 when it is not scheduled any more. */
  runNow(bgoId: string, options?: CallOptions): Promise<ScheduleReceipt>;
  /** `runAt`: ISO 8601 with an offset or `Z`; one in the past starts it. */
  reschedule(bgoId: string, body: { readonly runAt: string }, options?: CallOptions): Promise<ScheduleReceipt>;
}

const segment = "platos-tasks";

export function bgosApi(connection: Connection): BgosApi {
  return {
    spawn: ({ idempotencyKey, ...body }, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment), { body, idempotencyKey, signal })),
    list: ({ signal, status, thread, agent, q, since, limit, cursor } = {}) => {
      const query = { status, thread, agent, q, since, limit, cursor };
      return readJson(connection.send("GET", apiPath(segment), { query, signal }));
    },
    get: (bgoId, { signal } = {}) => readJson(connection.send("GET", apiPath(segment, bgoId), { signal })),
    steps: (bgoId, { limit, cursor, signal } = {}) =>
      readJson(connection.send("GET", apiPath(segment, bgoId, "steps"), { query: { limit, cursor }, signal })),
    audit: (bgoId, { limit, cursor, signal } = {}) =>
      readJson(connection.send("GET", apiPath(segment, bgoId, "audit"), { query: { limit, cursor }, signal })),
    waits: (bgoId, { signal } = {}) => readJson(connection.send("GET", apiPath(segment, bgoId, "waits"), { signal })),
    cancel: (bgoId, body = {}, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment, bgoId, "cancel"), { body, signal })),
    runNow: (bgoId, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment, bgoId, "run-now"), { signal })),
    reschedule: (bgoId, body, { signal } = {}) =>
      readJson(connection.send("POST", apiPath(segment, bgoId, "reschedule"), { body, signal })),
  };
}
