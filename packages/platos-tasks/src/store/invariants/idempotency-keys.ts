import { type Invariant, queryInvariant } from "./invariant.ts";

export const idempotencyKeys: Invariant = queryInvariant({
  id: "I4",
  sentence: "There is at most one BGO per environment, scope and idempotency key.",
  text: `
    select format('%s were made with one key in scope %s', string_agg(id, ', ' order by id), key_scope) as violation
    from platos.platos_tasks group by env_id, key_scope, idempotency_key having count(*) > 1`,
});
