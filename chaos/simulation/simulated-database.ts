import type { Fiber } from "./fiber.ts";
import { breaksBgoCheck, type StoredBgo, type TableName, type Tables, uniqueKeysOf } from "./simulated-rows.ts";

/** Two transactions waited for each other; Postgres ends one of them in the same way. */
export class Deadlock extends Error {}

/** A constraint of the schema refused a row. */
export class ConstraintViolated extends Error {}

export type TransactionEnd = "commit" | "rollback";

interface KeyHolder {
  readonly row: string;
  /** Null once it is committed. */
  transaction: SimulatedTransaction | null;
}

type Committed = { readonly [Name in TableName]: Map<string, Tables[Name]> };
type Written = { readonly [Name in TableName]: Map<string, Tables[Name] | null> };

/** Committed rows in memory, with the row locks and unique keys of open transactions. Isolation: read committed. */
export class SimulatedDatabase {
  readonly committed: Committed = emptyTables();
  readonly locks = new Map<string, SimulatedTransaction>();
  readonly keys = new Map<string, KeyHolder>();
  deadlocks = 0;
  readonly #onBgosCommitted: () => void;

  /** `onBgosCommitted` runs whenever BGOs have changed for everybody. */
  constructor(onBgosCommitted: () => void) {
    this.#onBgosCommitted = onBgosCommitted;
  }

  tellBgosCommitted(): void {
    this.#onBgosCommitted();
  }

  begin(fiber: Fiber, onEnd: (how: TransactionEnd) => void): SimulatedTransaction {
    return new SimulatedTransaction(this, fiber, onEnd);
  }

  rows<Name extends TableName>(table: Name): Tables[Name][] {
    return [...this.committed[table].values()];
  }
}

function emptyTables() {
  return {
    thread: new Map(),
    message: new Map(),
    turn: new Map(),
    bgo: new Map(),
    step: new Map(),
    audit: new Map(),
    job: new Map(),
    waitpoint: new Map(),
  };
}

export class SimulatedTransaction {
  readonly #database: SimulatedDatabase;
  readonly #fiber: Fiber;
  readonly #written: Written = emptyTables();
  readonly #locks = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #forget: () => void;
  readonly #onEnd: (how: TransactionEnd) => void;
  #waitsFor: SimulatedTransaction | null = null;
  #isOver = false;
  #isDetached = false;

  constructor(database: SimulatedDatabase, fiber: Fiber, onEnd: (how: TransactionEnd) => void) {
    this.#database = database;
    this.#fiber = fiber;
    this.#onEnd = onEnd;
    // The server notices that the connection is gone.
    this.#forget = fiber.onDeath(() => this.rollback());
  }

  /** Whether the client has anything left to end. */
  get isOver(): boolean {
    return this.#isOver || this.#isDetached;
  }

  read<Name extends TableName>(table: Name, id: string): Tables[Name] | null {
    const own = this.#written[table].get(id);
    return own === undefined ? (this.#database.committed[table].get(id) ?? null) : own;
  }

  /** Every row as this transaction sees it, in the order in which they came. */
  all<Name extends TableName>(table: Name): Tables[Name][] {
    const written = this.#written[table];
    const seen = this.#database.rows(table);
    if (written.size === 0) return seen;
    const before = [...this.#database.committed[table].keys()].flatMap((id) => this.read(table, id) ?? []);
    const added = [...written].flatMap(([id, row]) =>
      row === null || this.#database.committed[table].has(id) ? [] : [row],
    );
    return [...before, ...added];
  }

  isLockedByAnother(table: TableName, id: string): boolean {
    const holder = this.#database.locks.get(`${table} ${id}`);
    return holder !== undefined && holder !== this;
  }

  /** Waits for the row's lock and gives the row as it then stands; one that does not match is not waited for. */
  async lock<Name extends TableName>(
    table: Name,
    id: string,
    match: (row: Tables[Name]) => boolean = () => true,
  ): Promise<Tables[Name] | null> {
    const lockKey = `${table} ${id}`;
    for (;;) {
      const row = this.read(table, id);
      if (row === null || !match(row)) return null;
      const holder = this.#database.locks.get(lockKey);
      if (holder === undefined || holder === this) {
        this.#database.locks.set(lockKey, this);
        this.#locks.add(lockKey);
        return row;
      }
      await this.#waitFor(holder);
    }
  }

  async update<Name extends TableName>(
    table: Name,
    id: string,
    of: { readonly match: (row: Tables[Name]) => boolean; readonly change: (row: Tables[Name]) => Tables[Name] },
  ): Promise<Tables[Name] | null> {
    const row = await this.lock(table, id, of.match);
    if (row === null) return null;
    const changed = of.change(row);
    await this.#put(table, id, changed);
    return changed;
  }

  /** False when one of its unique keys is taken. */
  async insert<Name extends TableName>(table: Name, id: string, row: Tables[Name]): Promise<boolean> {
    for (const key of uniqueKeysOf[table](row)) if (!(await this.#takeKey(key, `${table} ${id}`, true))) return false;
    this.#database.locks.set(`${table} ${id}`, this);
    this.#locks.add(`${table} ${id}`);
    this.#write(table, id, row);
    return true;
  }

  async delete<Name extends TableName>(table: Name, id: string): Promise<void> {
    if ((await this.lock(table, id)) !== null) this.#write(table, id, null);
  }

  async #put<Name extends TableName>(table: Name, id: string, row: Tables[Name]): Promise<void> {
    for (const key of uniqueKeysOf[table](row)) {
      if (!(await this.#takeKey(key, `${table} ${id}`, false)))
        throw new ConstraintViolated(`the key "${key}" is taken`);
    }
    this.#write(table, id, row);
  }

  #write<Name extends TableName>(table: Name, id: string, row: Tables[Name] | null): void {
    if (table === "bgo" && row !== null && breaksBgoCheck(row as StoredBgo)) {
      throw new ConstraintViolated(`${id} would have no reason to wake, or two`);
    }
    this.#written[table].set(id, row);
  }

  async #takeKey(key: string, row: string, isNewRow: boolean): Promise<boolean> {
    for (;;) {
      const holder = this.#database.keys.get(key);
      if (holder === undefined) {
        this.#database.keys.set(key, { row, transaction: this });
        this.#keys.add(key);
        return true;
      }
      if (holder.row === row && !isNewRow) return true;
      // A committed holder may be about to give the key up.
      const other = holder.transaction ?? this.#database.locks.get(holder.row) ?? this;
      if (other === this) return false;
      await this.#waitFor(other);
    }
  }

  async #waitFor(holder: SimulatedTransaction): Promise<void> {
    this.#waitsFor = holder;
    for (let next: SimulatedTransaction | null = holder; next !== null; next = next.#waitsFor) {
      if (next !== this) continue;
      this.#waitsFor = null;
      this.#database.deadlocks += 1;
      throw new Deadlock("deadlock detected");
    }
    await holder.#ended.promise;
    this.#waitsFor = null;
    await this.#fiber.point("a lock is free");
    if (this.#isOver) throw new Error("A statement came after its transaction was over.");
  }

  commit(): void {
    if (this.#isOver) return;
    for (const table of Object.keys(this.#written) as TableName[]) this.#commitTable(table);
    for (const key of this.#keys) {
      const holder = this.#database.keys.get(key);
      if (holder !== undefined) holder.transaction = null;
    }
    this.#end("commit");
    if (this.#written.bgo.size > 0) this.#database.tellBgosCommitted();
  }

  #commitTable<Name extends TableName>(table: Name): void {
    const rows = this.#database.committed[table];
    for (const [id, row] of this.#written[table]) {
      const before = rows.get(id);
      const kept = row === null ? [] : uniqueKeysOf[table](row);
      const had = before === undefined ? [] : uniqueKeysOf[table](before);
      for (const key of had) if (!kept.includes(key)) this.#database.keys.delete(key);
      if (row === null) rows.delete(id);
      else rows.set(id, row);
    }
  }

  /** The client is cut off: what becomes of it is the server's to decide. */
  detach(): void {
    this.#isDetached = true;
  }

  rollback(): void {
    if (this.#isOver || this.#isDetached) return;
    for (const key of this.#keys) this.#database.keys.delete(key);
    this.#end("rollback");
  }

  #end(how: TransactionEnd): void {
    this.#isOver = true;
    this.#onEnd(how);
    for (const lock of this.#locks) this.#database.locks.delete(lock);
    this.#forget();
    this.#ended.resolve();
  }
}
