import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import type { Store, Tx } from "../../packages/platos-tasks/src/core/ports/store.ts";
import { Database } from "../../packages/platos-tasks/src/store/database.ts";
import { invariants } from "../../packages/platos-tasks/src/store/invariants/invariants.ts";
import { createPostgresStore } from "../../packages/platos-tasks/src/store/postgres-store.ts";
import { systemIdentity } from "../../packages/platos-tasks/src/system/system-identity.ts";
import { comparable } from "./comparable.ts";
import { simulatedAgent, simulatedCaller, simulationBeganMs } from "./simulated-world.ts";
import type { StoreEvent } from "./store-recorder.ts";

/** More than a program has processes; each may have a transaction open. */
const connections = 12;
/** A statement that did not wait in memory must not wait here: it is told after this long. */
const lockTimeout = "-c lock_timeout=2000";

/** Runs what a simulated store was asked on a real one, statement by statement in the same order, and compares. */
export class PostgresReplay {
  readonly #database: Database;
  readonly #store: Store;

  private constructor(database: Database) {
    this.#database = database;
    const notifications = { notify: () => undefined, subscribe: () => () => undefined };
    this.#store = createPostgresStore({ database, identity: systemIdentity, notifications });
  }

  /** On a migrated database that is nobody else's. */
  static async open(connectionString: string): Promise<PostgresReplay> {
    const url = new URL(connectionString);
    url.searchParams.set("options", lockTimeout);
    const replay = new PostgresReplay(
      new Database({ connectionString: url.href, poolSize: connections, log: silentLog }),
    );
    await replay.#prepare();
    return replay;
  }

  async #prepare(): Promise<void> {
    const { access, agents } = this.#store.autocommit;
    const slugs = { org: "simulated", project: "simulated", env: "simulated" };
    await access.ensureEnvironment(slugs, simulatedCaller.scope);
    await agents.insert(simulatedCaller.scope, simulatedAgent);
  }

  /** Gives each difference, and each invariant that the database then breaks, in a sentence. */
  async run(events: readonly StoreEvent[]): Promise<readonly string[]> {
    await this.#database.query(
      `truncate platos.threads, platos.messages, platos.turns, platos.platos_tasks, platos.steps, platos.events,
        platos.audit_entries, platos.artifacts cascade`,
    );
    const open = new Map<number, OpenTransaction>();
    // How far the simulated clock is ahead of the real one.
    let aheadMs = simulationBeganMs - Date.now();
    const differences: string[] = [];
    for (const event of events) {
      if (event.kind === "clock jumped") {
        aheadMs += event.ms;
        await this.#age(event.ms);
        continue;
      }
      const transaction = open.get(event.transaction) ?? new OpenTransaction(this.#store);
      open.set(event.transaction, transaction);
      if (event.kind === "statement") {
        const difference = await compare(await transaction.tx, event, aheadMs);
        if (difference !== null) differences.push(difference);
      } else {
        await transaction.end(event.kind);
        open.delete(event.transaction);
      }
      if (differences.length > 0) break;
    }
    for (const transaction of open.values()) await transaction.end("rollback");
    if (differences.length > 0) return differences;
    return this.#violations();
  }

  /** There is no clock to move here: what waits for it is moved instead. */
  async #age(ms: number): Promise<void> {
    const waiting = {
      platos_tasks: ["wake_at", "moved_at", "run_at"],
      turns: ["wake_at", "moved_at"],
      // With what has become of them, so that they stay in time.
      waitpoints: ["due_at", "resolved_at"],
    };
    for (const [table, columns] of Object.entries(waiting)) {
      const aged = columns.map((column) => `${column} = ${column} - $1::float8 * interval '1 millisecond'`);
      await this.#database.query(`update platos.${table} set ${aged.join(", ")}`, [ms]);
    }
  }

  async #violations(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { id, violations } of invariants) {
      found.push(...(await violations(this.#database)).map((violation) => `on Postgres, ${id}: ${violation}`));
    }
    return found;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

class RolledBack extends Error {}

/** A transaction that is told from outside what to do next. */
class OpenTransaction {
  readonly tx: Promise<Tx>;
  readonly #end = Promise.withResolvers<"commit" | "rollback">();
  readonly #done: Promise<void>;

  constructor(store: Store) {
    const begun = Promise.withResolvers<Tx>();
    this.tx = begun.promise;
    this.#done = store.transaction("replay", async (tx) => {
      begun.resolve(tx);
      if ((await this.#end.promise) === "rollback") throw new RolledBack();
    });
    this.#done.catch(() => undefined);
  }

  async end(how: "commit" | "rollback"): Promise<void> {
    this.#end.resolve(how);
    await this.#done.catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  }
}

async function compare(
  tx: Tx,
  event: StoreEvent & { readonly kind: "statement" },
  aheadMs: number,
): Promise<string | null> {
  const [group = "", method = ""] = event.name.split(".");
  // The engine's own tables are not the store's, and a simulated clock is not the database's.
  if (group === "jobs" || group === "now") return null;
  const args = event.args.map((arg) => inRealTime(arg, aheadMs));
  let result: unknown;
  try {
    const queries = Reflect.get(tx, group) as Record<string, (...args: unknown[]) => Promise<unknown>>;
    result = await queries[method]?.(...args);
  } catch (error) {
    return `${event.name} failed on Postgres and not in memory: ${String(error)}`;
  }
  const real = JSON.stringify(comparable(result, result));
  const simulated = JSON.stringify(comparable(event.result, result));
  if (real === simulated) return null;
  return `${event.name}(${JSON.stringify(event.args)}) gave on Postgres ${real}, in memory ${simulated}`;
}

/** When a BGO is to run, or to go on, are the times that statements bring along. */
function inRealTime(arg: unknown, aheadMs: number): unknown {
  if (typeof arg !== "object" || arg === null) return arg;
  const moved = (["runAt", "due"] as const).flatMap((name) => {
    const time: unknown = Reflect.get(arg, name);
    return time instanceof Date ? [[name, new Date(time.getTime() - aheadMs)]] : [];
  });
  return moved.length === 0 ? arg : { ...arg, ...Object.fromEntries(moved) };
}
