import type { Actor } from "../../core/actor.ts";
import { type Json, type JsonObject, storableJson, storableText } from "../../core/json.ts";
import type { Identity } from "../../core/ports/identity.ts";
import type {
  NewWaitpoint,
  PageRequest,
  WaitpointFilter,
  WaitpointQueries,
  WaitpointResolving,
  WaitpointRow,
} from "../../core/ports/store.ts";
import type { Scope } from "../../core/scope.ts";
import type { WaitingCall, WaitpointKind, WaitpointStatus, WebhookSignature } from "../../core/waitpoint.ts";
import type { Executor } from "../database.ts";
import { type ScopeRow, scopeColumns, scopeOf, scopeValues } from "./scope-columns.ts";

export interface WaitpointColumns extends ScopeRow {
  readonly id: string;
  readonly kind: WaitpointKind;
  readonly status: WaitpointStatus;
  readonly owner_kind: WaitingCall["ownerKind"] | null;
  readonly owner_id: string | null;
  readonly call_id: string | null;
  readonly tool: string | null;
  readonly thread_id: string | null;
  readonly question: string | null;
  readonly schema: JsonObject | null;
  readonly token_hash: string | null;
  readonly signature: WebhookSignature | null;
  readonly target_bgo_id: string | null;
  readonly args: Json;
  readonly args_hash: string | null;
  readonly due_at: Date;
  readonly resolution: Json;
  readonly resolved_by: Actor | null;
  readonly created_at: Date;
  readonly resolved_at: Date | null;
}

const columns = `id, ${scopeColumns}, kind, status, owner_kind, owner_id, call_id, tool, thread_id, question, schema,
  token_hash, signature, target_bgo_id, args, args_hash, due_at, resolution, resolved_by, created_at, resolved_at`;

export const waitpointsByIdText = `select ${columns} from platos.waitpoints where id = any($1::text[])`;

export function waitpointOf(row: WaitpointColumns): WaitpointRow {
  return {
    id: row.id,
    scope: scopeOf(row),
    kind: row.kind,
    status: row.status,
    call: callOf(row),
    threadId: row.thread_id,
    question: row.question,
    schema: row.schema,
    tokenHash: row.token_hash,
    signature: row.signature,
    targetBgoId: row.target_bgo_id,
    args: row.args,
    argsHash: row.args_hash,
    dueAt: row.due_at,
    resolution: row.resolution,
    resolvedBy: row.resolved_by,
    createdAt: row.created_at,
    resolvedAt: row.resolved_at,
  };
}

function callOf({ owner_kind, owner_id, call_id, tool }: WaitpointColumns): WaitingCall | null {
  if (owner_kind === null || owner_id === null || call_id === null || tool === null) return null;
  return { ownerKind: owner_kind, ownerId: owner_id, callId: call_id, tool };
}

/** A token that nobody waits for has no thread yet, and no viewer. */
function eventOf(source: string, type: "waitpoint.created" | "waitpoint.resolved"): string {
  return `
    insert into platos.events (${scopeColumns}, type, thread_id, bgo_id, turn_id, waitpoint_id)
    select ${scopeColumns}, '${type}', thread_id, case owner_kind when 'bgo' then owner_id end,
      case owner_kind when 'turn' then owner_id end, id
    from ${source} where thread_id is not null`;
}

const insertText = `
  with waitpoint as (
    insert into platos.waitpoints (id, ${scopeColumns}, kind, status, owner_kind, owner_id, call_id, tool, thread_id,
      question, schema, token_hash, signature, target_bgo_id, args, args_hash, due_at)
    values ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, $11, $12::json, $13, $14::jsonb, $15, $16::jsonb, $17,
      coalesce($18::timestamptz, now() + $19::float8 * interval '1 millisecond'))
    on conflict (owner_id, call_id) do nothing
    returning *
  ), event as (${eventOf("waitpoint", "waitpoint.created")})
  select ${columns} from waitpoint`;

const attachText = `
  with waitpoint as (
    update platos.waitpoints set owner_kind = $3, owner_id = $4, call_id = $5, tool = $6, thread_id = $7,
      due_at = least(due_at, now() + $8::float8 * interval '1 millisecond')
    where id = $1 and env_id = $2 and kind = 'token' and owner_id is null
    returning *
  ), event as (${eventOf("waitpoint", "waitpoint.created")})
  select ${columns} from waitpoint`;

const findText = `select ${columns} from platos.waitpoints where id = $1 and env_id = $2`;
const findByTokenText = `select ${columns} from platos.waitpoints where token_hash = $1`;
const listOfText = `select ${columns} from platos.waitpoints where owner_id = $1 order by created_at, id`;

// index waitpoints_open_by_thread
const openOfThreadText = `
  select ${columns} from platos.waitpoints
  where thread_id = $1 and env_id = $2 and status = 'open' order by created_at, id`;

// index waitpoints_open_by_target
const byTargetText = `
  select ${columns} from platos.waitpoints where target_bgo_id = $1 and status = 'open' order by created_at, id`;

// index waitpoints_due
const dueText = `
  select ${columns} from platos.waitpoints where status = 'open' and due_at <= now() order by due_at, id limit $1`;

const lockTexts = {
  bgo: "select id from platos.platos_tasks where id = $1 and status = 'waiting' for no key update",
  turn: "select id from platos.turns where id = $1 and status = 'waiting' for no key update",
} as const;

const inTime = { before_due: "and due_at > now()", once_due: "and due_at <= now()", any: "" } as const;

function resolveText(when: WaitpointResolving["when"]): string {
  return `
    with waitpoint as (
      update platos.waitpoints set status = $2, resolution = $3::jsonb, resolved_by = $4::jsonb, resolved_at = now()
      where id = $1 and status = 'open' ${inTime[when]}
      returning *
    ), audit as (
      insert into platos.audit_entries
        (id, ${scopeColumns}, actor_type, actor_id, action, target_type, target_id, details)
      select $5, ${scopeColumns}, $6, $7, 'waitpoint.' || status, 'waitpoint', id,
        jsonb_strip_nulls(jsonb_build_object('kind', kind, 'ownerId', owner_id))
      from waitpoint
    ), event as (${eventOf("waitpoint", "waitpoint.resolved")})
    select ${columns} from waitpoint`;
}

const resolveTexts = {
  before_due: resolveText("before_due"),
  once_due: resolveText("once_due"),
  any: resolveText("any"),
} as const;

const countOpenText = "select count(*)::int as open from platos.waitpoints where owner_id = $1 and status = 'open'";

export function waitpointQueries(executor: Executor, identity: Identity): WaitpointQueries {
  const many = async (text: string, values: readonly unknown[]): Promise<readonly WaitpointRow[]> => {
    const { rows } = await executor.query<WaitpointColumns>(text, values);
    return rows.map(waitpointOf);
  };
  const one = async (text: string, values: readonly unknown[]): Promise<WaitpointRow | null> =>
    (await many(text, values))[0] ?? null;
  return {
    insert: (scope, waitpoint) => one(insertText, insertValues(scope, waitpoint)),
    attach: (scope, waitpointId, { call, threadId, withinMs }) =>
      one(attachText, [
        storableText(waitpointId),
        scope.envId,
        call.ownerKind,
        call.ownerId,
        storableText(call.callId),
        call.tool,
        threadId,
        withinMs,
      ]),
    find: (scope, waitpointId) => one(findText, [storableText(waitpointId), scope.envId]),
    findByTokenHash: (hash) => one(findByTokenText, [hash]),
    listOf: (ownerId) => many(listOfText, [ownerId]),
    list: (scope, filter, page) => listWaitpoints(executor, scope, { filter, page }),
    listOpenOfThread: (scope, threadId) => many(openOfThreadText, [storableText(threadId), scope.envId]),
    listOpenByTarget: (bgoId) => many(byTargetText, [bgoId]),
    listDue: (limit) => many(dueText, [limit]),
    async lockOwner({ ownerKind, ownerId }) {
      const { rows } = await executor.query(lockTexts[ownerKind], [ownerId]);
      return rows.length > 0;
    },
    resolve: ({ id, status, value, actor, when }) =>
      one(resolveTexts[when], [
        id,
        status,
        storableJson(value),
        storableJson(actor),
        identity.newId("audit"),
        actor.type,
        actor.id,
      ]),
    async countOpen(ownerId) {
      const { rows } = await executor.query<{ open: number }>(countOpenText, [ownerId]);
      return rows[0]?.open ?? 0;
    },
  };
}

function insertValues(scope: Scope, waitpoint: NewWaitpoint): unknown[] {
  const { call, due } = waitpoint;
  const text = (value: string | null): string | null => (value === null ? null : storableText(value));
  const json = (value: unknown): string | null => (value === null ? null : storableJson(value));
  return [
    waitpoint.id,
    ...scopeValues(scope),
    waitpoint.kind,
    call?.ownerKind ?? null,
    call?.ownerId ?? null,
    text(call?.callId ?? null),
    call?.tool ?? null,
    waitpoint.threadId,
    text(waitpoint.question),
    json(waitpoint.schema),
    waitpoint.tokenHash,
    json(waitpoint.signature),
    waitpoint.targetBgoId,
    json(waitpoint.args),
    waitpoint.argsHash,
    due instanceof Date ? due : null,
    due instanceof Date ? null : due.inMs,
  ];
}

/** Newest first, by waitpoints_newest or waitpoints_open_newest; of one owner by its unique index. */
async function listWaitpoints(
  executor: Executor,
  scope: Scope,
  { filter, page }: { readonly filter: WaitpointFilter; readonly page: PageRequest },
): Promise<readonly WaitpointRow[]> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [`env_id = ${bind(scope.envId)}`];
  // A literal, so that the partial index of open ones serves; the word comes from our own list.
  if (filter.status !== undefined) conditions.push(`status = '${filter.status}'`);
  if (filter.kind !== undefined) conditions.push(`kind = ${bind(filter.kind)}`);
  if (filter.ownerId !== undefined) conditions.push(`owner_id = ${bind(storableText(filter.ownerId))}`);
  if (filter.threadId !== undefined) conditions.push(`thread_id = ${bind(storableText(filter.threadId))}`);
  if (page.cursor !== null) {
    conditions.push(`(created_at, id) < (${bind(page.cursor.createdAt)}, ${bind(storableText(page.cursor.id))})`);
  }
  const { rows } = await executor.query<WaitpointColumns>(
    `select ${columns} from platos.waitpoints where ${conditions.join(" and ")}
     order by created_at desc, id desc limit ${bind(page.limit)}`,
    values,
  );
  return rows.map(waitpointOf);
}
