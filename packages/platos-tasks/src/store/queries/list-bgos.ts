import { storableText } from "../../core/json.ts";
import type { BgoFilter, BgoRow, PageRequest } from "../../core/ports/store.ts";
import type { Scope } from "../../core/scope.ts";
import type { Executor } from "../database.ts";
import { type BgoColumns, bgoColumns, bgoOf } from "./bgo-row.ts";

/**
 * Newest first. Only the given filters become conditions, so that the planner sees what it needs: without filters
 * index platos_tasks_newest, by status platos_tasks_by_status, by thread platos_tasks_by_thread.
 */
export async function listBgos(
  executor: Executor,
  scope: Scope,
  { filter, page }: { readonly filter: BgoFilter; readonly page: PageRequest },
): Promise<readonly BgoRow[]> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [`b.env_id = ${bind(scope.envId)}`];
  if (filter.threadId !== undefined) conditions.push(`b.thread_id = ${bind(storableText(filter.threadId))}`);
  if (filter.agentId !== undefined) conditions.push(`b.agent_id = ${bind(storableText(filter.agentId))}`);
  if (filter.since !== undefined) conditions.push(`b.created_at >= ${bind(filter.since)}`);
  if (filter.text !== undefined) {
    const pattern = bind(`%${storableText(filter.text).replaceAll(/[\\%_]/gu, "\\$&")}%`);
    conditions.push(`(b.id ilike ${pattern} or b.label ilike ${pattern} or b.prompt ilike ${pattern})`);
  }
  if (page.cursor !== null) {
    conditions.push(`(b.created_at, b.id) < (${bind(page.cursor.createdAt)}, ${bind(storableText(page.cursor.id))})`);
  }
  const source = (status: string): string => `
    (select * from platos.platos_tasks b where ${[...conditions, status].filter((part) => part !== "").join(" and ")}
     order by b.created_at desc, b.id desc limit ${limit})`;
  const limit = bind(page.limit);
  // One ordered index scan per status, merged: a plain `in` would sort everything that matches.
  const sources = (filter.statuses ?? []).map((status) => source(`b.status = ${bind(status)}`));
  const from = sources.length === 0 ? source("") : `(${sources.join(" union all ")})`;
  const { rows } = await executor.query<BgoColumns>(
    `select ${bgoColumns("b")} from ${from} b order by b.created_at desc, b.id desc limit ${limit}`,
    values,
  );
  return rows.map(bgoOf);
}
