import { terminalMessageKind, terminalStatuses } from "../../core/lifecycle.ts";
import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

const kinds = terminalStatuses.map((status) => `('${status}', '${terminalMessageKind[status]}')`).join(", ");
const terminalActions = quotedList(terminalStatuses.map((status) => `bgo.${status}`));

// The end of a BGO and the deletion of its thread both happen under the thread's lock, and the audit's `at` is read
// under it: comparing the two tells which was first. `created_at` and `finished_at` are both the time at which their
// transaction began, so they are equal exactly when one transaction wrote both.
export const terminalMessages: Invariant = queryInvariant({
  id: "I3",
  sentence:
    "A BGO that has ended has one terminal message, of its status' kind, in its thread and from the same transaction; none if the thread had been deleted, then one audit entry says so.",
  text: `
    with kinds (status, kind) as (values ${kinds}),
    written as (
      select bgo_id, count(*) as messages, min(thread_id) as thread_id, min(kind) as kind, min(created_at) as created_at
      from platos.messages where terminal group by bgo_id
    ), suppressed as (
      select target_id as bgo_id, count(*) as entries
      from platos.audit_entries where action = 'message.suppressed' and target_type = 'bgo' group by target_id
    ), deleted as (
      select target_id as thread_id, min(at) as at
      from platos.audit_entries where action = 'thread.deleted' and target_type = 'thread' group by target_id
    ), ended as (
      select entry.target_id as bgo_id, max(entry.at) as at
      from deleted
      join platos.platos_tasks b on b.thread_id = deleted.thread_id
      join platos.audit_entries entry on entry.target_id = b.id
      where entry.target_type = 'bgo' and entry.action in (${terminalActions}) group by entry.target_id
    ), found as (
      select b.id, b.status, b.thread_id, b.finished_at, kinds.kind, t.deleted_at is not null as is_deleted,
        written.thread_id as written_in, written.kind as written_kind, written.created_at,
        coalesce(written.messages, 0) as messages, coalesce(suppressed.entries, 0) as suppressions,
        t.deleted_at is not null and ended.at > deleted.at as ended_after,
        t.deleted_at is null or ended.at < deleted.at as ended_before
      from platos.platos_tasks b
      join platos.threads t on t.id = b.thread_id
      left join kinds on kinds.status = b.status
      left join written on written.bgo_id = b.id
      left join suppressed on suppressed.bgo_id = b.id
      left join ended on ended.bgo_id = b.id
      left join deleted on deleted.thread_id = b.thread_id
    ), judged as (
      select case
        when kind is null and messages > 0 then format('%s is %s, but has a terminal message', id, status)
        when kind is null and suppressions > 0 then format('%s is %s, but its message was suppressed', id, status)
        when is_deleted and messages > 0 then format('%s has a message in a thread that was deleted', id)
        when kind is not null and not is_deleted and messages <> 1 then
          format('%s is %s and has %s terminal messages', id, status, messages)
        when written_kind <> kind then format('%s is %s, but its message is %s', id, status, written_kind)
        when written_in <> thread_id then format('%s has its message in another thread, %s', id, written_in)
        when created_at <> finished_at then format('%s and its message were not written by one transaction', id)
        when kind is not null and ended_after and suppressions <> 1 then
          format('%s ended after its thread was deleted, and %s audit entries say so', id, suppressions)
        when ended_before and suppressions > 0 then
          format('%s ended while its thread was there, but its message was suppressed', id)
      end as violation
      from found
    )
    select violation from judged where violation is not null
    union all
    select format('%s is the terminal message of %s, which is not there', m.id, coalesce(m.bgo_id, 'no BGO'))
    from platos.messages m
    where m.terminal and not exists (select 1 from platos.platos_tasks b where b.id = m.bgo_id)`,
});
