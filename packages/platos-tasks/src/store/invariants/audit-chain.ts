import type { Json } from "../../core/json.ts";
import type { Executor } from "../database.ts";
import { auditHash } from "../housekeeping.ts";
import { type Invariant, maxViolations } from "./invariant.ts";

interface SealedEntry {
  readonly id: string;
  readonly env_id: string;
  readonly at: Date;
  readonly actor_type: string;
  readonly actor_id: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly details: Json;
  readonly seq: number;
  readonly hash: string | null;
}

/** Of some entries that follow each other, each column by itself; `at` is ISO 8601. */
type SealedPage = {
  readonly [Column in keyof SealedEntry]: readonly (Column extends "at" ? string : SealedEntry[Column])[];
};

const columns = [
  "id",
  "env_id",
  "at",
  "actor_type",
  "actor_id",
  "action",
  "target_type",
  "target_id",
  "details",
  "seq",
  "hash",
] as const satisfies readonly (keyof SealedEntry)[];

const pageRows = 5000;

// One array per column is several times less work for both sides than as many rows. Index audit_entries_env_id_seq_key.
const pageText = `
  select ${columns.map((column) => `coalesce(json_agg(${column} order by env_id, seq), '[]') as ${column}`).join(", ")}
  from (
    select ${columns.join(", ")} from platos.audit_entries
    where seq is not null and (env_id, seq) > ($1, $2::bigint)
    order by env_id, seq limit ${pageRows}
  ) page`;

export const auditChain: Invariant = {
  id: "I15",
  sentence: "The sealed audit of an environment has no gap, and each entry's hash follows from the one before it.",
  async violations(database) {
    const broken: string[] = [];
    let previous = { envId: "", seq: 0, hash: "" };
    for await (const page of sealedPages(database)) {
      for (const row of rowsOf(page)) {
        const before = row.env_id === previous.envId ? previous : { seq: 0, hash: "genesis" };
        const { seq } = row;
        if (seq !== before.seq + 1) {
          broken.push(`the audit of ${row.env_id} goes from entry ${before.seq} to entry ${seq}`);
        } else if (row.hash !== auditHash(before.hash, row)) {
          broken.push(`entry ${seq} of the audit of ${row.env_id} (${row.id}) is not what was sealed`);
        }
        if (broken.length === maxViolations) return broken;
        // What was stored, not what it should be: one change is reported once and not for every entry after it.
        previous = { envId: row.env_id, seq, hash: row.hash ?? "" };
      }
    }
    return broken;
  },
};

/** Reads the next page while the last one is being hashed. */
async function* sealedPages(database: Executor): AsyncGenerator<SealedPage> {
  const read = async (after: readonly [string, number]): Promise<SealedPage | undefined> =>
    (await database.query<SealedPage>(pageText, after)).rows[0];
  let page = await read(["", 0]);
  while (page !== undefined) {
    const [envId, seq] = [page.env_id.at(-1), page.seq.at(-1)];
    const next: Promise<SealedPage | undefined> | undefined =
      envId === undefined || seq === undefined || page.seq.length < pageRows ? undefined : read([envId, seq]);
    // Whoever stops early leaves it behind; its failure is then nobody's business.
    next?.catch(() => undefined);
    yield page;
    page = await next;
  }
}

function* rowsOf(page: SealedPage): Generator<SealedEntry> {
  for (const [place, id] of page.id.entries()) {
    yield {
      id,
      env_id: page.env_id[place] ?? "",
      at: new Date(page.at[place] ?? ""),
      actor_type: page.actor_type[place] ?? "",
      actor_id: page.actor_id[place] ?? null,
      action: page.action[place] ?? "",
      target_type: page.target_type[place] ?? "",
      target_id: page.target_id[place] ?? "",
      details: page.details[place] ?? null,
      seq: page.seq[place] ?? 0,
      hash: page.hash[place] ?? null,
    };
  }
}
