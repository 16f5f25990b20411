import { statuses, terminalStatuses } from "../../core/lifecycle.ts";
import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

const moves = quotedList(["bgo.spawned", ...statuses.map((status) => `bgo.${status}`)]);
const ends = quotedList(terminalStatuses.map((status) => `bgo.${status}`));

const keptAfter = "(select coalesce(pruned_through, '0'::xid8) from platos.event_log_state)";

// Audit entries and events carry the id of the transaction that wrote them. Retention deletes the oldest events: what
// happened up to there cannot be shown any more.
export const sharedTransactions: Invariant = queryInvariant({
  id: "I3",
  sentence:
    "A change of status commits with its event, and an end also with its terminal message or the word that it was suppressed.",
  text: `
    with changed as (
      select xid, bgo_id from platos.events where type in ('bgo.created', 'bgo.updated')
    ), created as (
      select xid, message_id from platos.events where type = 'message.created'
    ), endings as (
      select entry.target_id as bgo_id, entry.xid from platos.audit_entries entry
      where entry.target_type = 'bgo' and entry.action in (${ends}) and entry.xid > ${keptAfter}
    )
    select format('%s of %s has no event of the same transaction', entry.action, entry.target_id) as violation
    from platos.audit_entries entry
    where entry.target_type = 'bgo' and entry.action in (${moves}) and entry.xid > ${keptAfter}
      and not exists (select 1 from changed where changed.bgo_id = entry.target_id and changed.xid = entry.xid)
    union all
    select format('the end of %s and its message %s were not written by one transaction', m.bgo_id, m.id)
    from platos.messages m join endings on endings.bgo_id = m.bgo_id
    where m.terminal
      and not exists (select 1 from created where created.message_id = m.id and created.xid = endings.xid)
    union all
    select format('the end of %s and the word that its message was suppressed were not written by one transaction',
      entry.target_id)
    from platos.audit_entries entry join endings on endings.bgo_id = entry.target_id
    where entry.action = 'message.suppressed' and entry.target_type = 'bgo' and entry.xid <> endings.xid`,
});
