import { PlatosError } from "../../packages/platos-tasks/src/core/errors.ts";
import type { ScheduleQueries } from "../../packages/platos-tasks/src/core/ports/schedules.ts";
import type { Agent } from "../../packages/platos-tasks/src/core/agent.ts";
import type {
  AccessQueries,
  AgentQueries,
  AuditQueries,
  Store,
  Transaction,
  Tx,
} from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { Fiber } from "./fiber.ts";
import { simulatedBgos } from "./simulated-bgos.ts";
import { Deadlock, type SimulatedDatabase, type SimulatedTransaction } from "./simulated-database.ts";
import { simulatedJournal } from "./simulated-journal.ts";
import { simulatedMessages, simulatedThreads } from "./simulated-threads.ts";
import { simulatedWaitpoints } from "./simulated-waitpoints.ts";
import { simulatedTurns } from "./simulated-turns.ts";
import { onlySupported, type Statement, type StatementContext } from "./statements.ts";
import type { StoreRecorder } from "./store-recorder.ts";
import { writeAudit } from "./write-audit.ts";

/** What the stores of one world share. */
export interface SimulatedStorage {
  readonly database: SimulatedDatabase;
  readonly agent: Agent;
  readonly nowMs: () => number;
  /** The database's own doings, which go on when a client has died. */
  readonly server: Fiber;
  /** Commits whose client was cut off before they were decided. */
  readonly undecided: Promise<void>[];
  readonly recorder: StoreRecorder | null;
  /** Runs a statement in the transaction that a port handle stands for: the engine keeps its tables here too. */
  readonly statements: WeakMap<object, Statement>;
}

const contentionRetries = 3;

/** The store as one fiber sees it. */
export function createSimulatedStore(storage: SimulatedStorage, fiber: Fiber): Store {
  const process = new StoreProcess(storage, fiber);
  return { autocommit: process.portOn(process.autocommit), transaction: (name, run) => process.transaction(name, run) };
}

class StoreProcess {
  readonly #storage: SimulatedStorage;
  readonly #fiber: Fiber;

  constructor(storage: SimulatedStorage, fiber: Fiber) {
    this.#storage = storage;
    this.#fiber = fiber;
  }

  /** Without `lastly` for single statements, which nothing follows. */
  portOn(statement: Statement, lastly?: Transaction["lastly"]): Transaction {
    const { agent, nowMs } = this.#storage;
    const now = (): Promise<Date> => statement("now", [], () => new Date(nowMs()));
    const context: StatementContext = { statement, nowMs };
    const port: Omit<Tx, "executeSql"> & Partial<Pick<Transaction, "lastly">> = {
      ...(lastly === undefined ? {} : { lastly }),
      now,
      agents: simulatedAgents(context, agent),
      threads: simulatedThreads(context),
      messages: simulatedMessages(context),
      turns: simulatedTurns(context, agent),
      bgos: simulatedBgos(context, agent),
      journal: simulatedJournal(context),
      audit: simulatedAudit(context),
      access: onlySupported<AccessQueries>({}),
      waitpoints: simulatedWaitpoints(context),
      schedules: noSchedules,
    };
    const tx = onlySupported<Transaction>(port);
    this.#storage.statements.set(tx, statement);
    return tx;
  }

  /** One statement, one commit. */
  readonly autocommit: Statement = async (name, args, run) => {
    await this.#fiber.point(name);
    const { tx, record } = this.#begin();
    try {
      const result = await run(tx);
      record(name, args, result);
      await this.#commit(tx, unavailable);
      return result;
    } catch (error) {
      tx.rollback();
      throw error;
    }
  };

  async transaction<Result>(name: string, run: (tx: Transaction) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transactionOnce(name, run);
      } catch (error) {
        if (!(error instanceof Deadlock) || attempt > contentionRetries) throw error;
      }
    }
  }

  async #transactionOnce<Result>(name: string, run: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const { tx, record } = this.#begin();
    let isClosed = false;
    const failures: { readonly error: unknown }[] = [];
    // One connection: statements run in the order in which they were sent, and none after one that failed.
    let last: Promise<unknown> = Promise.resolve();
    const statement: Statement = (statementName, args, work) => {
      if (isClosed) return Promise.reject(new Error("A statement came after its transaction was over."));
      const result = last.then(async () => {
        await this.#fiber.point(statementName);
        if (failures.length > 0) throw new Error("The transaction is aborted.");
        try {
          const done = await work(tx);
          record(statementName, args, done);
          return done;
        } catch (error) {
          failures.push({ error });
          throw error;
        }
      });
      last = result.catch(() => undefined);
      return result;
    };
    try {
      // Whatever fails among them is what the commit answers with.
      const lastly = (statements: Promise<unknown>): void => void statements.catch(() => undefined);
      const result = await run(this.portOn(statement, lastly));
      isClosed = true;
      await last;
      if (failures[0] !== undefined) throw failures[0].error;
      await this.#fiber.point(`commit ${name}`);
      await this.#commit(tx, commitUnknown);
      return result;
    } catch (error) {
      isClosed = true;
      await last;
      if (!tx.isOver) await this.#fiber.point(`roll back ${name}`);
      tx.rollback();
      throw error;
    }
  }

  async #commit(tx: SimulatedTransaction, lost: () => PlatosError): Promise<void> {
    const fault = this.#fiber.nextCommit();
    if (fault === "lost") {
      tx.rollback();
      throw lost();
    }
    if (fault === "undecided") {
      const decided = this.#storage.server.point("commit at last").then(() => tx.commit());
      this.#storage.undecided.push(decided);
      tx.detach();
      throw lost();
    }
    tx.commit();
    if (fault === "unheard") throw lost();
    await this.#fiber.point("committed");
  }

  #begin() {
    const { database, recorder } = this.#storage;
    const transaction = recorder?.newTransaction() ?? 0;
    const fiber = this.#fiber.name;
    const tx = database.begin(this.#fiber, (kind) => recorder?.events.push({ kind, transaction }));
    const record = (name: string, args: readonly unknown[], result: unknown): void => {
      recorder?.events.push({ kind: "statement", transaction, fiber, name, args, result });
    };
    return { tx, record };
  }
}

function simulatedAgents({ statement }: StatementContext, agent: Agent): AgentQueries {
  const part: Pick<AgentQueries, "find" | "findOfThread"> = {
    find: (scope, idOrSlug) =>
      statement("agents.find", [scope, idOrSlug], () =>
        idOrSlug === agent.id || idOrSlug === agent.slug ? agent : null,
      ),
    findOfThread: (scope, threadId) =>
      statement("agents.findOfThread", [scope, threadId], (tx) => {
        const thread = tx.read("thread", threadId);
        return thread === null || thread.isDeleted ? null : agent;
      }),
  };
  return onlySupported<AgentQueries>(part);
}

/** The simulated world has no schedules: what looks for due ones finds none. */
const noSchedules = onlySupported<ScheduleQueries>({ listDue: async () => [], listForgotten: async () => [] });

function simulatedAudit({ statement }: StatementContext): AuditQueries {
  const part: Pick<AuditQueries, "append"> = {
    append: (scope, entry) => statement("audit.append", [scope, entry], (tx) => writeAudit(tx, entry)),
  };
  return onlySupported<AuditQueries>(part);
}

function unavailable(): PlatosError {
  return new PlatosError("store.unavailable", "The database cannot be reached.", { retryable: true });
}

function commitUnknown(): PlatosError {
  return new PlatosError("store.commit_unknown", "The connection was lost while committing.", { retryable: true });
}
