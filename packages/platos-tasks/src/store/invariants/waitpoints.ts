import { terminalStatuses } from "../../core/lifecycle.ts";
import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

// What a BGO ended with is closed in the same statement and leaves no entry of its own.
export const waitpoints: Invariant = queryInvariant({
  id: "I10",
  sentence:
    "A waitpoint is resolved once and in its time, its owner waits while it is open and goes on with what it was resolved with; none is open for a BGO that has ended.",
  text: `
    select format('%s is %s and was resolved %s times', w.id, w.status, count(a.id)) as violation
    from platos.waitpoints w
    left join platos.audit_entries a
      on a.target_id = w.id and a.action in ('waitpoint.completed', 'waitpoint.failed', 'waitpoint.timed_out')
    where w.status <> 'cancelled'
    group by w.id, w.status
    having count(a.id) <> case w.status when 'open' then 0 else 1 end
    union all
    select format('%s waits for nothing', b.id) from platos.platos_tasks b
    where b.status = 'waiting'
      and not exists (select 1 from platos.waitpoints w where w.owner_id = b.id and w.status = 'open')
    union all
    select format('%s waits for nothing', u.id) from platos.turns u
    where u.status = 'waiting'
      and not exists (select 1 from platos.waitpoints w where w.owner_id = u.id and w.status = 'open')
    union all
    select format('%s is open, and its BGO %s is %s', w.id, b.id, b.status)
    from platos.waitpoints w join platos.platos_tasks b on b.id = w.owner_id
    where w.status = 'open' and b.status <> 'waiting'
    union all
    select format('%s is open, and %s, for which it waits, is %s', w.id, b.id, b.status)
    from platos.waitpoints w join platos.platos_tasks b on b.id = w.target_bgo_id
    where w.status = 'open' and b.status in (${quotedList(terminalStatuses)})
    union all
    select format('%s is %s, %s its time', id, status, case when resolved_at < due_at then 'before' else 'after' end)
    from platos.waitpoints
    where resolved_at < due_at and (status = 'timed_out' or kind = 'time' and resolved_by ->> 'type' = 'worker')
      or resolved_at > due_at and kind in ('token', 'reply') and status = 'completed'
    union all
    select format('%s tells that %s is %s, which is %s', w.id, b.id, w.resolution ->> 'status', b.status)
    from platos.waitpoints w join platos.platos_tasks b on b.id = w.target_bgo_id
    where w.status = 'completed' and b.status is distinct from w.resolution ->> 'status'
    union all
    select format('the journal of %s answers %s otherwise than %s was resolved', w.owner_id, w.call_id, w.id)
    from platos.waitpoints w
    join platos.steps s on s.owner_id = w.owner_id and s.kind = 'tool_result' and s.data ->> 'callId' = w.call_id
    where w.status = 'open'
      or w.status = 'completed' and w.kind in ('token', 'bgo') and s.data #> '{output,value}' is distinct from w.resolution
      or w.status = 'completed' and w.kind = 'reply'
        and s.data #>> '{output,reply}' is distinct from w.resolution ->> 'text'
      or w.status = 'timed_out' and s.data #>> '{output,outcome}' is distinct from 'timed_out'
        and w.kind <> 'approval'`,
});
