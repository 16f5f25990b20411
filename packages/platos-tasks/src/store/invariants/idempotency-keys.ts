import { type Invariant, queryInvariant } from "./invariant.ts";

export const idempotencyKeys: Invariant = queryInvariant({
  id: "I4",
  sentence: "There is at most one BGO per environment, scope and idempotency key.",
  // The keys are compared in the order of their index, platos_tasks_env_id_key_scope_idempotency_key_key.
  text: `
    with twice as (
      select env_id, key_scope, idempotency_key from platos.platos_tasks
      group by env_id, key_scope, idempotency_key having count(*) > 1
    )
    select format('%s were made with one key in scope %s', string_agg(id, ', ' order by id), key_scope) as violation
    from twice join platos.platos_tasks using (env_id, key_scope, idempotency_key)
    group by env_id, key_scope, idempotency_key`,
});
