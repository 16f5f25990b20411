import { initialStatuses, statuses, transitions } from "../../core/lifecycle.ts";
import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

const allowed = statuses.flatMap((from) => transitions[from].map((to) => `('${from}', '${to}')`)).join(", ");
const actions = quotedList(statuses.map((status) => `bgo.${status}`));

// Entries of the same millisecond have no order that could be read back; pairs beside them are left out.
export const statusHistory: Invariant = queryInvariant({
  id: "I2",
  sentence: "The status of a BGO begins as queued or scheduled and moves along the allowed transitions only.",
  text: `
    with history as (
      select target_id, at,
        case when action = 'bgo.spawned' then details ->> 'status' else substr(action, 5) end as status,
        action = 'bgo.spawned' as is_first,
        count(*) over (partition by target_id, at) > 1 as is_tied
      from platos.audit_entries
      where target_type = 'bgo' and (action = 'bgo.spawned' or action in (${actions}))
    ), pairs as (
      select target_id, status, is_first, is_tied,
        lag(status) over by_time as before,
        coalesce(lag(is_tied) over by_time, false) as is_tied_before
      from history window by_time as (partition by target_id order by at)
    )
    select format('%s went from %s to %s', target_id, before, status) as violation
    from pairs
    where before is not null and not is_tied and not is_tied_before
      and (before, status) not in (values ${allowed})
    union all
    select format('%s began as %s', target_id, coalesce(status, 'nothing'))
    from pairs where is_first and coalesce(status, '') not in (${quotedList(initialStatuses)})`,
});
