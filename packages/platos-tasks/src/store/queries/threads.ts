import { storableText } from "../../core/json.ts";
import type { ThreadQueries, ThreadSummary } from "../../core/ports/store.ts";
import type { Thread } from "../../core/thread.ts";
import type { Executor } from "../database.ts";
import { activeStatusList } from "./active-statuses.ts";
import { cursorValues } from "./cursor-values.ts";
import { type LatestTurnColumns, latestTurnColumns, latestTurnOf } from "./latest-turn.ts";
import { scopeColumns, scopeValues } from "./scope-columns.ts";

interface ThreadRow {
  readonly id: string;
  readonly agent_id: string;
  readonly title: string | null;
  readonly last_seq: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

interface ThreadSummaryRow extends ThreadRow, LatestTurnColumns {
  readonly agent_slug: string;
  readonly active_bgos: number;
}

function summaryOf(row: ThreadSummaryRow): ThreadSummary {
  return {
    ...threadOf(row),
    agentSlug: row.agent_slug,
    activeBgoCount: row.active_bgos,
    latestTurn: latestTurnOf(row),
  };
}

const columns = "id, agent_id, title, last_seq, created_at, updated_at";

function threadOf(row: ThreadRow): Thread {
  return {
    id: row.id,
    agentId: row.agent_id,
    title: row.title,
    lastSeq: row.last_seq,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const insertText = `
  insert into platos.threads (id, ${scopeColumns}, agent_id, title, client_chat_id)
  values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`;

// What a deleted thread leaves is locked too: its BGOs go on, and still end one after the other. Rows that refer to the
// thread may come in meanwhile: its key never changes.
const lockText = `
  select ${columns}, deleted_at from platos.threads where id = $1 and env_id = $2 for no key update`;

const findText = `select ${columns} from platos.threads where id = $1 and env_id = $2 and deleted_at is null`;

const findByClientChatIdText = `
  select ${columns} from platos.threads where env_id = $1 and client_chat_id = $2 and deleted_at is null`;

// indexes threads_newest, platos_tasks_live_by_thread, turns_by_thread
const summaryColumns = `
  t.id, t.agent_id, t.title, t.last_seq, t.created_at, t.updated_at, a.slug as agent_slug,
  (select count(*)::int from platos.platos_tasks b
    where b.thread_id = t.id and b.status in (${activeStatusList})) as active_bgos,
  ${latestTurnColumns}`;

const summaryJoins = `
  join platos.agents a on a.id = t.agent_id
  left join lateral (
    select * from platos.turns u
    where u.thread_id = t.id order by u.position desc, u.id desc limit 1
  ) turn on true`;

const listText = `
  select ${summaryColumns} from platos.threads t ${summaryJoins}
  where t.env_id = $1 and t.deleted_at is null and (t.created_at, t.id) < ($2::timestamptz, $3)
  order by t.created_at desc, t.id desc limit $4`;

const summariseText = `
  select ${summaryColumns} from platos.threads t ${summaryJoins}
  where t.id = $1 and t.env_id = $2 and t.deleted_at is null`;

const deleteText = `
  with thread as (
    update platos.threads set deleted_at = now(), title = null, client_chat_id = null
    where id = $1 and env_id = $2 and deleted_at is null returning id
  ), messages as (
    delete from platos.messages m using thread where m.thread_id = thread.id
  ), steps as (
    delete from platos.steps s using platos.turns u, thread where u.thread_id = thread.id and s.owner_id = u.id
  ), turns as (
    delete from platos.turns u using thread where u.thread_id = thread.id
  )
  select id from thread`;

export function threadQueries(executor: Executor): ThreadQueries {
  const one = async (text: string, values: readonly unknown[]): Promise<Thread | null> => {
    const { rows } = await executor.query<ThreadRow>(text, values);
    return rows[0] === undefined ? null : threadOf(rows[0]);
  };
  return {
    async insert(scope, thread) {
      const title = thread.title === null ? null : storableText(thread.title);
      const chatId = thread.clientChatId === null ? null : storableText(thread.clientChatId);
      const row = await one(insertText, [thread.id, ...scopeValues(scope), thread.agentId, title, chatId]);
      if (row === null) throw new Error("An insert of a thread returned no row.");
      return row;
    },
    async lock(scope, threadId) {
      const values = [storableText(threadId), scope.envId];
      const { rows } = await executor.query<ThreadRow & { readonly deleted_at: Date | null }>(lockText, values);
      return rows[0] === undefined || rows[0].deleted_at !== null ? null : threadOf(rows[0]);
    },
    async find(scope, threadId) {
      return one(findText, [storableText(threadId), scope.envId]);
    },
    async findByClientChatId(scope, clientChatId) {
      return one(findByClientChatIdText, [scope.envId, storableText(clientChatId)]);
    },
    async list(scope, { limit, cursor }) {
      const values = [scope.envId, ...cursorValues(cursor), limit];
      const { rows } = await executor.query<ThreadSummaryRow>(listText, values);
      return rows.map(summaryOf);
    },
    async summarise(scope, threadId) {
      const { rows } = await executor.query<ThreadSummaryRow>(summariseText, [storableText(threadId), scope.envId]);
      return rows[0] === undefined ? null : summaryOf(rows[0]);
    },
    async rename(scope, threadId, title) {
      const text = "update platos.threads set title = $3 where id = $1 and env_id = $2";
      await executor.query(text, [threadId, scope.envId, storableText(title)]);
    },
    async delete(scope, threadId) {
      const { rows } = await executor.query(deleteText, [storableText(threadId), scope.envId]);
      return rows.length > 0;
    },
  };
}
