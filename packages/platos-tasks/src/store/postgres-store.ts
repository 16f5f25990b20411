import type { Identity } from "../core/ports/identity.ts";
import type { Notifications } from "../core/ports/notifications.ts";
import type { Store, Transaction, Tx } from "../core/ports/store.ts";
import type { Database, Executor } from "./database.ts";
import { accessQueries } from "./queries/access.ts";
import { agentQueries } from "./queries/agents.ts";
import { auditQueries } from "./queries/audit.ts";
import { bgoQueries } from "./queries/bgos.ts";
import { assignSegment, listSuspects, takeDue, whatIsDue } from "./queries/due-work.ts";
import { listSteps, readSteps } from "./queries/read-steps.ts";
import { recordBgoSteps, recordTurnSteps } from "./queries/record-steps.ts";
import { scheduleQueries } from "./queries/schedules.ts";
import { messageQueries } from "./queries/messages.ts";
import { threadQueries } from "./queries/threads.ts";
import { turnQueries } from "./queries/turns.ts";
import { waitpointQueries } from "./queries/waitpoints.ts";

export interface PostgresStoreOptions {
  readonly database: Database;
  readonly identity: Identity;
  readonly notifications: Notifications;
}

const eventInsert = /insert into platos\.events/u;

/** Assembles the queries. Whatever commits event rows is followed by a hint to those who read the log. */
export function createPostgresStore({ database, identity, notifications }: PostgresStoreOptions): Store {
  const autocommit = txOn(
    {
      async query(text, values) {
        const result = await database.query<never>(text, values);
        if (eventInsert.test(text)) notifications.notify("events");
        return result;
      },
    },
    identity,
  );
  return {
    autocommit,
    async transaction(_name, run) {
      let hasEvents = false;
      const result = await database.transaction((executor) => {
        const noting: Executor = {
          async query(text, values) {
            hasEvents ||= eventInsert.test(text);
            return executor.query<never>(text, values);
          },
        };
        const tx: Transaction = { ...txOn(noting, identity), lastly: (statements) => executor.lastly(statements) };
        return run(tx);
      });
      if (hasEvents) notifications.notify("events");
      return result;
    },
  };
}

function txOn(executor: Executor, identity: Identity): Tx {
  return {
    now: async () => {
      const { rows } = await executor.query<{ now: Date }>("select now() as now");
      if (rows[0] === undefined) throw new Error("The database did not tell the time.");
      return rows[0].now;
    },
    executeSql: async (text, values) => ({ rows: (await executor.query(text, values)).rows }),
    agents: agentQueries(executor),
    threads: threadQueries(executor),
    messages: messageQueries(executor),
    turns: turnQueries(executor),
    bgos: bgoQueries(executor, identity),
    audit: auditQueries(executor, identity),
    access: accessQueries(executor),
    waitpoints: waitpointQueries(executor, identity),
    schedules: scheduleQueries(executor),
    journal: {
      read: (owner) => readSteps(executor, owner.id),
      list: (scope, ownerId, range) => listSteps(executor, scope, { ownerId, ...range }),
      recordForBgo: (bgo, steps, doing) => recordBgoSteps(executor, bgo, { steps, doing }),
      recordForTurn: (turn, steps) => recordTurnSteps(executor, turn, steps),
      takeDue: (limit) => takeDue(executor, limit),
      whatIsDue: () => whatIsDue(executor),
      assignSegment: (owner, segmentId, instead) => assignSegment(executor, owner, { segmentId, instead }),
      listSuspects: (olderThanMs, limit) => listSuspects(executor, { olderThanMs, limit }),
    },
  };
}
