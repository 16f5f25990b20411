import { type Invariant, queryInvariant } from "./invariant.ts";

export const spawns: Invariant = queryInvariant({
  id: "I1",
  sentence: "Every BGO was spawned once, as its audit says, and every spawn that the audit tells of has its BGO.",
  text: `
    with spawned as (
      select target_id, count(*) as entries from platos.audit_entries
      where target_type = 'bgo' and action = 'bgo.spawned' group by target_id
    )
    select case
      when b.id is null then format('%s was spawned, but is not there', target_id)
      else format('%s was spawned %s times', b.id, coalesce(entries, 0))
    end as violation
    from platos.platos_tasks b full join spawned on target_id = b.id
    where b.id is null or entries is distinct from 1`,
});
