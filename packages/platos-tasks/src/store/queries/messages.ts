import { storableJson, storableText } from "../../core/json.ts";
import type { Message, MessageKind, MessagePart, MessageRole } from "../../core/message.ts";
import type { MessageQueries } from "../../core/ports/store.ts";
import type { Executor } from "../database.ts";
import { scopeColumns, scopeValues } from "./scope-columns.ts";

export interface MessageRow {
  readonly id: string;
  readonly thread_id: string;
  readonly seq: number;
  readonly role: MessageRole;
  readonly kind: MessageKind;
  readonly author_agent_id: string | null;
  readonly bgo_id: string | null;
  readonly turn_id: string | null;
  readonly waitpoint_id: string | null;
  readonly terminal: boolean;
  readonly parts: MessagePart[];
  readonly created_at: Date;
}

const columns =
  "id, thread_id, seq, role, kind, author_agent_id, bgo_id, turn_id, waitpoint_id, terminal, parts, created_at";

export function messageOf(row: MessageRow): Message {
  return {
    id: row.id,
    threadId: row.thread_id,
    seq: row.seq,
    role: row.role,
    kind: row.kind,
    authorAgentId: row.author_agent_id,
    bgoId: row.bgo_id,
    turnId: row.turn_id,
    waitpointId: row.waitpoint_id,
    terminal: row.terminal,
    parts: row.parts,
    createdAt: row.created_at,
  };
}

const appendText = `
  with thread as (
    update platos.threads set last_seq = last_seq + 1, updated_at = now()
    where id = $2 and env_id = $5 and deleted_at is null
    returning last_seq
  ), message as (
    insert into platos.messages (id, thread_id, ${scopeColumns}, seq, role, kind, author_agent_id, bgo_id, turn_id,
      terminal, parts, idempotency_key, body_hash, waitpoint_id)
    select $1, $2, $3, $4, $5, thread.last_seq, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $14, $15 from thread
    returning *
  ), event as (
    insert into platos.events (${scopeColumns}, type, thread_id, bgo_id, turn_id, message_id)
    select ${scopeColumns}, 'message.created', thread_id, bgo_id, turn_id, id from message
  )
  select ${columns} from message`;

const replaceText = `
  with message as (
    update platos.messages set parts = $3::jsonb where id = $1 and env_id = $2 returning *
  ), event as (
    insert into platos.events (${scopeColumns}, type, thread_id, bgo_id, turn_id, message_id)
    select ${scopeColumns}, 'message.updated', thread_id, bgo_id, turn_id, id from message
  )
  select id from message`;

const findByKeyText = `
  select ${columns}, body_hash from platos.messages where env_id = $1 and thread_id = $2 and idempotency_key = $3`;

const listText = `
  select ${columns} from platos.messages where env_id = $1 and thread_id = $2 and seq > $3 order by seq limit $4`;

const historyText = `
  select * from (
    select ${columns} from platos.messages where env_id = $1 and thread_id = $2 and seq <= $3 order by seq desc limit $4
  ) newest order by seq`;

export function messageQueries(executor: Executor): MessageQueries {
  const many = async (text: string, values: readonly unknown[]): Promise<readonly Message[]> => {
    const { rows } = await executor.query<MessageRow>(text, values);
    return rows.map(messageOf);
  };
  return {
    async append(scope, message) {
      const [appended] = await many(appendText, [
        message.id,
        message.threadId,
        ...scopeValues(scope),
        message.role,
        message.kind,
        message.authorAgentId,
        message.bgoId,
        message.turnId,
        message.terminal,
        storableJson(message.parts),
        message.idempotencyKey === undefined ? null : storableText(message.idempotencyKey),
        message.bodyHash ?? null,
        message.waitpointId ?? null,
      ]);
      if (appended === undefined) throw new Error("A message was appended to a thread that was not locked.");
      return appended;
    },
    async replaceParts(scope, messageId, parts) {
      const { rows } = await executor.query(replaceText, [messageId, scope.envId, storableJson(parts)]);
      return rows.length > 0;
    },
    async findByKey(scope, threadId, key) {
      const values = [scope.envId, storableText(threadId), storableText(key)];
      const { rows } = await executor.query<MessageRow & { body_hash: string }>(findByKeyText, values);
      return rows[0] === undefined ? null : { message: messageOf(rows[0]), bodyHash: rows[0].body_hash };
    },
    async list(scope, threadId, { afterSeq, limit }) {
      return many(listText, [scope.envId, storableText(threadId), afterSeq, limit]);
    },
    async history(scope, threadId, { throughSeq, limit }) {
      return many(historyText, [scope.envId, storableText(threadId), throughSeq, limit]);
    },
  };
}
