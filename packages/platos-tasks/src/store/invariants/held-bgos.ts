import { type Invariant, queryInvariant } from "./invariant.ts";

export const heldBgos: Invariant = queryInvariant({
  id: "I11",
  sentence: "A BGO that is held waits for another one of its schedule that is at work.",
  text: `
    select format('%s is held, and no BGO that would release it is at work', held.id) as violation
    from platos.platos_tasks held
    where held.status = 'scheduled' and held.wake_at = 'infinity' and not exists (
      select 1 from platos.platos_tasks b
      where b.env_id = held.env_id and b.key_scope = held.key_scope and b.key_scope like 'schedule:%'
        and b.status in ('queued', 'running', 'waiting')
    )`,
});
