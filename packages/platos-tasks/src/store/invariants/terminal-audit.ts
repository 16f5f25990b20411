import { activeStatuses, terminalStatuses } from "../../core/lifecycle.ts";
import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

const terminalActions = quotedList(terminalStatuses.map((status) => `bgo.${status}`));
const otherActions = quotedList(["bgo.spawned", ...activeStatuses.map((status) => `bgo.${status}`)]);

// `at` is read from the clock while the row is locked, so for one BGO it follows the order of commits.
export const terminalAudit: Invariant = queryInvariant({
  id: "I2",
  sentence: "A BGO that has ended has one terminal audit entry, of its status, and it is its last transition.",
  text: `
    with ends as (
      select target_id, count(*) as entries, min(action) as action, max(at) as at
      from platos.audit_entries where target_type = 'bgo' and action in (${terminalActions}) group by target_id
    ), moves as (
      select target_id, max(at) as last_at
      from platos.audit_entries where target_type = 'bgo' and action in (${otherActions}) group by target_id
    ), judged as (
      select case
        when b.finished_at is null and ends.entries > 0 then
          format('%s is %s, but its audit says %s', b.id, b.status, ends.action)
        when b.finished_at is not null and ends.entries is null then
          format('%s is %s, but its audit has no terminal entry', b.id, b.status)
        when ends.entries > 1 then format('%s has %s terminal audit entries', b.id, ends.entries)
        when b.finished_at is not null and ends.action <> 'bgo.' || b.status then
          format('%s is %s, but its audit says %s', b.id, b.status, ends.action)
        when moves.last_at > ends.at then format('%s was moved on after it had ended', b.id)
      end as violation
      from platos.platos_tasks b
      left join ends on ends.target_id = b.id
      left join moves on moves.target_id = b.id
    )
    select violation from judged where violation is not null`,
});
