import pg from "pg";
import { PlatosError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import { asStoreError, commitUnknown, isContention } from "./database-errors.ts";

export interface DatabaseOptions {
  readonly connectionString: string;
  /** Connections at most; a transaction holds one. */
  readonly poolSize: number;
  /** For many small statements, each again and again: see `cachingPlans`. Absent: every call is planned for its values. */
  readonly cachesPlans?: boolean;
  readonly log: Log;
  /** How long an answer may take, and a little less how long the server may work on it; absent: a minute. */
  readonly answerMs?: number;
}

export interface Rows<Row> {
  readonly rows: Row[];
  readonly rowCount: number | null;
}

/** Something statements run on: one connection inside a transaction, or the pool. */
export interface Executor {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Rows<Row>>;
}

/** The connection of a transaction. */
export interface TransactionExecutor extends Executor {
  /** Statements that were sent already: the COMMIT follows at once, without waiting for their answers. */
  lastly(statements: Promise<unknown>): void;
}

/**
 * One plan per statement and connection, whatever the values. Left to itself Postgres plans a statement anew at its first
 * five calls on each connection, and some always, which takes longer than running it: ADR 12. Such a plan may be made while
 * a table is small and used when it has grown: it must not read the table from end to end where there is an index.
 */
const cachingPlans = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

const maxPreparedTexts = 400;
const contentionRetries = 3;
const defaultAnswerMs = 60_000;
/** The server gives up first, because it can say so. */
const workingShare = 0.9;

/**
 * Statements and transactions. Statements are prepared once per connection and sent without waiting for the one before
 * (the protocol's pipelining), so a transaction costs fewer round trips than it has statements.
 *
 * Half of the connections are for single statements, which never wait for a lock for long, and half for transactions,
 * which may wait for each other's: a burst of spawns does not keep running segments from their journals.
 */
export class Database implements Executor {
  readonly #statements: pg.Pool;
  readonly #transactions: pg.Pool;
  readonly #names = new Map<string, string>();
  readonly #log: Log;
  #isClosing = false;

  constructor(options: DatabaseOptions) {
    this.#log = options.log;
    const half = Math.max(1, Math.floor(options.poolSize / 2));
    this.#statements = this.#openPool(options, half);
    this.#transactions = this.#openPool(options, Math.max(1, options.poolSize - half));
  }

  #openPool(options: DatabaseOptions, max: number): pg.Pool {
    const { answerMs = defaultAnswerMs } = options;
    const pool = new pg.Pool({
      connectionString: options.connectionString,
      max,
      connectionTimeoutMillis: 5000,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      application_name: "platos-tasks",
      ...(options.cachesPlans === true ? { options: cachingPlans } : {}),
      // A process that freezes in the middle must not hold locks, nor hold back readers of the event log, for ever.
      idle_in_transaction_session_timeout: 5000,
      statement_timeout: answerMs * workingShare,
      // A network that swallows packets says nothing: give up on our side as well.
      query_timeout: answerMs,
      pipeline: true,
    } as pg.PoolConfig);
    // Without a listener a connection lost while it is in use would end the process. It must be there before whoever
    // asked gets the connection: one that is ended as it is made says so in the same piece that let us in.
    pool.on("connect", (client) => client.on("error", () => undefined));
    // An idle connection that dies says so here; the next statement takes another one.
    pool.on("error", (error) => {
      if (!this.#isClosing) this.#log.warn("an idle database connection was lost", { error: error.message });
    });
    return pool;
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Rows<Row>> {
    return withoutContention(() => this.#statements.query<Row>(this.#prepared(text, values)));
  }

  /** A text of several statements, which cannot be prepared; gives the rows of the last one that returned any. */
  async runScript(text: string): Promise<Record<string, unknown>[]> {
    const results: unknown = await this.#statements.query(text);
    const last = Array.isArray(results)
      ? results.findLast((result: pg.QueryResult) => result.rows.length > 0)
      : results;
    return (last as pg.QueryResult | undefined)?.rows ?? [];
  }

  async transaction<Result>(run: (executor: TransactionExecutor) => Promise<Result>): Promise<Result> {
    return withoutContention(() => this.#transactionOnce(run));
  }

  async #transactionOnce<Result>(run: (executor: TransactionExecutor) => Promise<Result>): Promise<Result> {
    const client = await this.#connect();
    let broken = false;
    try {
      sendTogether(client);
      const failures = new Failures();
      const begun = client.query("begin").catch(failures.note);
      // Awaited behind the statements that were sent with it: a lost connection, which fails it, fails those as well.
      begun.catch(() => undefined);
      const last: Promise<unknown>[] = [];
      let result: Result;
      let isOver = false;
      try {
        result = await run({
          // A statement that comes late would run outside: behind the rollback, or in somebody else's transaction.
          query: (text, values = []) => {
            if (isOver) return Promise.reject(transactionOver());
            if (failures.first !== null) return Promise.reject(failures.first.error);
            sendTogether(client);
            return client.query(this.#prepared(text, values)).catch(failures.note);
          },
          lastly: (statements) => {
            // Its failure is told with the commit's.
            statements.catch(() => undefined);
            last.push(statements);
          },
        });
        isOver = true;
        await begun;
      } catch (error) {
        isOver = true;
        await client.query("rollback").catch(() => {
          broken = true;
        });
        throw failures.reasonOf(error);
      }
      await commit(client, last).catch((error: unknown) => {
        broken = !(error instanceof RolledBack);
        throw error instanceof RolledBack ? failures.reasonOf(error.cause) : error;
      });
      return result;
    } finally {
      client.release(broken);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#transactions.connect();
    } catch (error) {
      throw asStoreError(error);
    }
  }

  #prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
    let name = this.#names.get(text);
    if (name === undefined && this.#names.size < maxPreparedTexts) {
      name = `s${this.#names.size}`;
      this.#names.set(text, name);
    }
    return name === undefined ? { text, values: [...values] } : { name, text, values: [...values] };
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([this.#statements.end(), this.#transactions.end()]);
  }
}

/**
 * What is sent until this turn of the event loop ends leaves in one piece. Handing each statement to the network by itself
 * took about half of a spawn's time in our process, and woke the server as often.
 */
function sendTogether({ connection }: pg.PoolClient): void {
  if (connection.stream.writableCorked > 0) return;
  connection.stream.cork();
  process.nextTick(() => connection.stream.uncork());
}

/** Runs it again when it has stood in others' way: then nothing of it was committed. */
async function withoutContention<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt > contentionRetries || !isContention(error)) throw asStoreError(error);
    }
  }
}

function transactionOver(): PlatosError {
  return new PlatosError("internal", "A statement came after its transaction was over.");
}

/**
 * Why a transaction has failed. Its first failure makes all later ones, and of statements that were sent together a
 * later one may be heard of first. After one nothing more is sent: where BEGIN itself has failed, it would be committed.
 */
class Failures {
  first: { readonly error: unknown } | null = null;

  readonly note = (error: unknown): never => {
    this.first ??= { error };
    throw error;
  };

  reasonOf(error: unknown): unknown {
    return error instanceof pg.DatabaseError ? (this.first?.error ?? error) : error;
  }
}

/** The database has said that nothing was committed; `cause` says why. The connection is fine. */
class RolledBack extends Error {}

/**
 * Sends the COMMIT behind the last statements and waits for all of them. A commit of an aborted transaction answers
 * ROLLBACK without an error: that must not pass for a commit.
 */
async function commit(client: pg.PoolClient, last: readonly Promise<unknown>[]): Promise<void> {
  sendTogether(client);
  const [committed, ...ended] = await Promise.allSettled([client.query("commit"), ...last]);
  const failed = ended.find((each) => each.status === "rejected");
  if (committed.status === "rejected") {
    if (isContention(committed.reason)) throw new RolledBack("", { cause: committed.reason });
    throw commitUnknown(committed.reason);
  }
  if (committed.value.command !== "COMMIT") throw new RolledBack("", { cause: failed?.reason ?? failedInSilence() });
  // Committed, and yet what was to be known of it is not.
  if (failed !== undefined) throw commitUnknown(failed.reason);
}

function failedInSilence(): PlatosError {
  return new PlatosError(
    "internal",
    "A transaction was rolled back by the database although every statement succeeded.",
  );
}
