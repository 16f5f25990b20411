import type { Json } from "../../core/json.ts";
import type { Executor } from "../database.ts";
import { auditHash } from "../housekeeping.ts";
import { type Invariant, maxViolations } from "./invariant.ts";

interface SealedRow {
  readonly id: string;
  readonly env_id: string;
  readonly at: Date;
  readonly actor_type: string;
  readonly actor_id: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly details: Json;
  readonly seq: string;
  readonly hash: string | null;
}

const pageRows = 1000;

// index audit_entries_env_id_seq_key
const pageText = `
  select id, env_id, at, actor_type, actor_id, action, target_type, target_id, details, seq, hash
  from platos.audit_entries
  where seq is not null and (env_id, seq) > ($1, $2::bigint)
  order by env_id, seq limit ${pageRows}`;

export const auditChain: Invariant = {
  id: "I15",
  sentence: "The sealed audit of an environment has no gap, and each entry's hash follows from the one before it.",
  async violations(database) {
    const broken: string[] = [];
    let previous = { envId: "", seq: 0, hash: "" };
    for await (const row of sealedRows(database)) {
      const before = row.env_id === previous.envId ? previous : { seq: 0, hash: "genesis" };
      const seq = Number(row.seq);
      if (seq !== before.seq + 1) {
        broken.push(`the audit of ${row.env_id} goes from entry ${before.seq} to entry ${seq}`);
      } else if (row.hash !== auditHash(before.hash, { ...row, seq })) {
        broken.push(`entry ${seq} of the audit of ${row.env_id} (${row.id}) is not what was sealed`);
      }
      if (broken.length === maxViolations) break;
      // What was stored, not what it should be: one change is reported once and not for every entry after it.
      previous = { envId: row.env_id, seq, hash: row.hash ?? "" };
    }
    return broken;
  },
};

async function* sealedRows(database: Executor): AsyncGenerator<SealedRow> {
  let after: readonly [string, string] = ["", "0"];
  for (;;) {
    const { rows } = await database.query<SealedRow & Record<string, unknown>>(pageText, after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    after = [last.env_id, last.seq];
  }
}
