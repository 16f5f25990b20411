import type { Message } from "../../packages/platos-tasks/src/core/message.ts";
import type { MessageQueries, NewMessage, ThreadQueries } from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { SimulatedTransaction } from "./simulated-database.ts";
import type { StoredMessage, StoredThread } from "./simulated-rows.ts";
import { onlySupported, type StatementContext } from "./statements.ts";

const isThere = (thread: StoredThread): boolean => !thread.isDeleted;

export function simulatedThreads({ statement, nowMs }: StatementContext): ThreadQueries {
  const part: Pick<ThreadQueries, "insert" | "lock" | "rename" | "delete"> = {
    insert: (scope, thread) =>
      statement("threads.insert", [scope, thread], async (tx) => {
        const now = new Date(nowMs());
        const row = { ...thread, lastSeq: 0, createdAt: now, updatedAt: now, isDeleted: false };
        await tx.insert("thread", thread.id, row);
        return row;
      }),
    lock: (scope, threadId) =>
      statement("threads.lock", [scope, threadId], async (tx) => {
        const row = await tx.lock("thread", threadId);
        return row === null || row.isDeleted ? null : row;
      }),
    rename: (scope, threadId, title) =>
      statement("threads.rename", [scope, threadId, title], async (tx) => {
        await tx.update("thread", threadId, { match: () => true, change: (row) => ({ ...row, title }) });
      }),
    delete: (scope, threadId) => statement("threads.delete", [scope, threadId], (tx) => deleteThreadRows(tx, threadId)),
  };
  return onlySupported<ThreadQueries>(part);
}

async function deleteThreadRows(tx: SimulatedTransaction, threadId: string): Promise<boolean> {
  const deleted = await tx.update("thread", threadId, {
    match: isThere,
    change: (row) => ({ ...row, isDeleted: true, title: null }),
  });
  if (deleted === null) return false;
  for (const { id } of tx.all("message").filter((row) => row.threadId === threadId)) await tx.delete("message", id);
  const turns = new Set(tx.all("turn").flatMap((row) => (row.threadId === threadId ? [row.id] : [])));
  for (const { id } of tx.all("step").filter((row) => turns.has(row.ownerId))) await tx.delete("step", id);
  for (const id of turns) await tx.delete("turn", id);
  return true;
}

export function simulatedMessages({ statement, nowMs }: StatementContext): MessageQueries {
  const part: Pick<MessageQueries, "append" | "replaceParts" | "findByKey" | "history"> = {
    append: (scope, message) =>
      statement("messages.append", [scope, message], (tx) => appendMessage(tx, message, nowMs())),
    replaceParts: (scope, messageId, parts) =>
      statement("messages.replaceParts", [scope, messageId, parts], async (tx) => {
        const replaced = await tx.update("message", messageId, {
          match: () => true,
          change: (row) => ({ ...row, parts }),
        });
        return replaced !== null;
      }),
    findByKey: (scope, threadId, key) =>
      statement("messages.findByKey", [scope, threadId, key], (tx) => {
        const found = tx.all("message").find((row) => row.threadId === threadId && row.key === key);
        return found === undefined ? null : { message: found, bodyHash: found.bodyHash ?? "" };
      }),
    history: (scope, threadId, { throughSeq, limit }) =>
      statement("messages.history", [scope, threadId, { throughSeq, limit }], (tx) =>
        tx
          .all("message")
          .filter((row) => row.threadId === threadId && row.seq <= throughSeq)
          .toSorted((left, right) => left.seq - right.seq)
          .slice(-limit),
      ),
  };
  return onlySupported<MessageQueries>(part);
}

async function appendMessage(tx: SimulatedTransaction, message: NewMessage, nowMs: number): Promise<Message> {
  const thread = await tx.update("thread", message.threadId, {
    match: isThere,
    change: (row) => ({ ...row, lastSeq: row.lastSeq + 1 }),
  });
  if (thread === null) throw new Error("A message was appended to a thread that was not locked.");
  const { idempotencyKey, bodyHash, ...rest } = message;
  const row: StoredMessage = {
    ...rest,
    waitpointId: rest.waitpointId ?? null,
    seq: thread.lastSeq,
    createdAt: new Date(nowMs),
    key: idempotencyKey ?? null,
    bodyHash: bodyHash ?? null,
  };
  if (!(await tx.insert("message", message.id, row))) throw new Error(`A second message came for ${message.id}.`);
  return row;
}
