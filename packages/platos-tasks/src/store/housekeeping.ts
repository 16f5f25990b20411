import { hash } from "node:crypto";
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

  /** Ends early when it is told to stop: the next one goes on from there. */
  async run(stopping?: AbortSignal): Promise<void> {
    while ((await this.sealAudit()) === sealBatch && stopping?.aborted !== true);
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
      await seal(tx, rows);
      return rows.length;
    });
  }

  /** Deletes events that no reader can want any more and remembers how far, so that late readers start over. */
  async pruneEvents(): Promise<void> {
    await this.#database.query(
      `with oldest as (
         select ctid, created_at from platos.events order by xid, id limit 5000
       ), old as (
         delete from platos.events e using oldest
         where e.ctid = oldest.ctid and oldest.created_at < now() - $1::float8 * interval '1 day'
         returning e.xid
       ), newest as (select xid from old order by xid desc limit 1)
       update platos.event_log_state s set pruned_through = newest.xid from newest
       where s.pruned_through is null or s.pruned_through < newest.xid`,
      [eventLifeDays],
    );
  }
}

/** The hash of an entry, from the one before it; `genesis` begins a chain. */
export function auditHash(
  previous: string,
  row: Omit<UnsealedRow, "at"> & { readonly at: Date; readonly seq: number },
): string {
  // Canonical JSON, whose keys are sorted; written out, it takes half as long, and the doctor hashes every entry there is.
  const text = JSON.stringify;
  const canonical =
    `{"action":${text(row.action)},"actorId":${text(row.actor_id)},"actorType":${text(row.actor_type)},` +
    `"at":"${row.at.toISOString()}","details":${canonicalJson(row.details)},"envId":${text(row.env_id)},"id":${text(row.id)},` +
    `"seq":${row.seq},"targetId":${text(row.target_id)},"targetType":${text(row.target_type)}}`;
  return hash("sha256", previous + canonical);
}

interface ChainEnd {
  readonly env_id: string;
  readonly seq: string;
  readonly hash: string;
}

// index audit_entries_env_id_seq_key
const chainEndsText = `
  select env.id as env_id, last.seq, last.hash
  from unnest($1::text[]) as env (id)
  cross join lateral (
    select seq, hash from platos.audit_entries where env_id = env.id and seq is not null order by seq desc limit 1
  ) last`;

const sealText = `
  update platos.audit_entries a set seq = sealed.seq, hash = sealed.hash
  from unnest($1::text[], $2::bigint[], $3::text[]) as sealed (id, seq, hash)
  where a.id = sealed.id`;

/** `rows` in the order of their commits: entries of one environment link in that order. */
async function seal(tx: Executor, rows: readonly UnsealedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const envIds = [...new Set(rows.map((row) => row.env_id))];
  const ends = await tx.query<ChainEnd & Record<string, unknown>>(chainEndsText, [envIds]);
  const chains = new Map(ends.rows.map((end) => [end.env_id, { seq: Number(end.seq), hash: end.hash }]));
  const sealed = rows.map((row) => {
    const end = chains.get(row.env_id) ?? { seq: 0, hash: "genesis" };
    const seq = end.seq + 1;
    const link = { seq, hash: auditHash(end.hash, { ...row, seq }) };
    chains.set(row.env_id, link);
    return { id: row.id, ...link };
  });
  await tx.query(sealText, [
    sealed.map((link) => link.id),
    sealed.map((link) => link.seq),
    sealed.map((link) => link.hash),
  ]);
}
