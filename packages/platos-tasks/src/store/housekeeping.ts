import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "../core/json.ts";
import type { Database, Executor } from "./database.ts";

const sealerLock = 7_263_902;
const sealBatch = 500;
const eventLifeDays = 7;

interface UnsealedRow {
  readonly id: string;
  readonly env_id: string;
  readonly at: Date;
  readonly actor_type: string;
  readonly actor_id: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly details: Json;
}

/** What keeps the database in shape between runs: the audit chain is sealed, old events go. */
export class Housekeeping {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async run(): Promise<void> {
    while ((await this.sealAudit()) === sealBatch);
    await this.pruneEvents();
  }

  /**
   * Gives committed audit entries their place and their link: `hash = sha256(previous hash, canonical row)` per
   * environment. Done after commit and by one at a time, so that no writer ever waits for a chain.
   */
  async sealAudit(): Promise<number> {
    return this.#database.transaction(async (tx) => {
      const lock = await tx.query<{ locked: boolean }>("select pg_try_advisory_xact_lock($1) as locked", [sealerLock]);
      if (lock.rows[0]?.locked !== true) return 0;
      const { rows } = await tx.query<UnsealedRow & Record<string, unknown>>(
        `select id, env_id, at, actor_type, actor_id, action, target_type, target_id, details
         from platos.audit_entries
         where seq is null and xid < pg_snapshot_xmin(pg_current_snapshot()) order by xid, id limit $1`,
        [sealBatch],
      );
      for (const row of rows) await seal(tx, row);
      return rows.length;
    });
  }

  /** Deletes events that no reader can want any more and remembers how far, so that late readers start over. */
  async pruneEvents(): Promise<void> {
    await this.#database.query(
      `with old as (
         delete from platos.events where ctid in (
           select ctid from platos.events where created_at < now() - $1::float8 * interval '1 day' order by xid, id limit 5000
         ) returning xid
       ), newest as (select xid from old order by xid desc limit 1)
       update platos.event_log_state s set pruned_through = newest.xid from newest
       where s.pruned_through is null or s.pruned_through < newest.xid`,
      [eventLifeDays],
    );
  }
}

/** The hash of an entry, from the one before it; `genesis` begins a chain. */
export function auditHash(previous: string, row: Omit<UnsealedRow, "at"> & { readonly at: Date; readonly seq: number }): string {
  const canonical = canonicalJson({
    seq: row.seq,
    id: row.id,
    envId: row.env_id,
    at: row.at.toISOString(),
    actorType: row.actor_type,
    actorId: row.actor_id,
    action: row.action,
    targetType: row.target_type,
    targetId: row.target_id,
    details: row.details,
  });
  return createHash("sha256").update(previous).update(canonical).digest("hex");
}

async function seal(tx: Executor, row: UnsealedRow): Promise<void> {
  const last = await tx.query<{ seq: string; hash: string }>(
    "select seq, hash from platos.audit_entries where env_id = $1 and seq is not null order by seq desc limit 1",
    [row.env_id],
  );
  const seq = Number(last.rows[0]?.seq ?? 0) + 1;
  const hash = auditHash(last.rows[0]?.hash ?? "genesis", { ...row, seq });
  await tx.query("update platos.audit_entries set seq = $2, hash = $3 where id = $1", [row.id, seq, hash]);
}
