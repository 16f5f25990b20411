import { initialStatuses, statuses, transitions } from "../../core/lifecycle.ts";
import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

const allowed = statuses.flatMap((from) => transitions[from].map((to) => `('${from}', '${to}')`)).join(", ");
const actions = quotedList(statuses.map((status) => `bgo.${status}`));

// `at` is read from the clock while the row is locked, so for one BGO it follows the order of commits. Entries of one
// millisecond are told apart by their epoch, which a claim raises, and then as they can only have come: a claim is the
// first thing in its epoch, and an end the last. Nothing leaves a terminal status, so an allowed way has one end.
// There are few ways, so each is judged once.
export const statusHistory: Invariant = queryInvariant({
  id: "I2",
  sentence:
    "The audit of a BGO begins as queued or scheduled, moves along the allowed transitions, ends once, and its last word is the BGO's status.",
  text: `
    with entries as (
      select target_id, at, coalesce((details ->> 'epoch')::int, 0) as epoch, action = 'bgo.spawned' as is_first,
        case when action = 'bgo.spawned' then details ->> 'status' else substr(action, 5) end as status
      from platos.audit_entries
      where target_type = 'bgo' and (action = 'bgo.spawned' or action in (${actions}))
    ), ways as (
      select target_id, array_agg(status order by is_first desc, at, epoch,
        case status when 'running' then 0 when 'waiting' then 1 when 'queued' then 2 else 3 end) as way
      from entries group by target_id
    ), gone as (
      select b.id, b.status, coalesce(way, '{}') as way
      from platos.platos_tasks b left join ways on target_id = b.id
    ), wrong as (
      select status, way from (select distinct status, way from gone) each_way
      where coalesce(way[1], '') not in (${quotedList(initialStatuses)})
        or way[cardinality(way)] <> status
        or exists (
          select 1 from generate_series(1, cardinality(way) - 1) place
          where (way[place], way[place + 1]) not in (values ${allowed})
        )
    )
    select format('%s is %s, and its audit says: %s', id, status, array_to_string(way, ', ', 'nothing')) as violation
    from gone join wrong using (status, way)`,
});
