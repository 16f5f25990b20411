import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

/** Each by its table and columns: what would otherwise be made twice by the second of two that race. */
const needed = {
  "messages (bgo_id) WHERE terminal": "I3",
  "platos_tasks (env_id, key_scope, idempotency_key)": "I4",
  "steps (owner_id, step_no)": "I7",
  "schedule_fires (schedule_id, fire_at)": "I11",
  "audit_entries (env_id, seq)": "I15",
  "messages (thread_id, seq)": "I16",
} as const;

export const uniqueIndexes: Invariant = queryInvariant({
  id: "D1",
  sentence: `The unique indexes that ${Object.values(needed).join(", ")} rest on are there and valid.`,
  text: `
    select format('no valid unique index on %s', needed.definition) as violation
    from unnest(array[${quotedList(Object.keys(needed))}]) needed (definition)
    where not exists (
      select 1 from pg_index i join pg_class t on t.oid = i.indrelid
      where t.relnamespace = 'platos'::regnamespace and i.indisunique and i.indisvalid and i.indisready
        and format('%s (%s)%s', t.relname,
          (select string_agg(pg_get_indexdef(i.indexrelid, place, true), ', ' order by place)
            from generate_series(1, i.indnkeyatts) place),
          ' WHERE ' || pg_get_expr(i.indpred, i.indrelid)) = needed.definition
    )`,
});
